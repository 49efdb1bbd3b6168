// When an offer is gone: the next best one like it.
import type { Offer } from '../../../contract';

/** Another machine counts as alike with the same GPUs and disk enough; the cheapest such offer, or none. */
export const nextBest = (offers: readonly Offer[], gone: Offer, excluded: ReadonlySet<number>, diskGb: number): Offer | null => {
  let best: Offer | null = null;
  for (const offer of offers) {
    const alike = offer.gpu_name === gone.gpu_name && offer.num_gpus === gone.num_gpus && offer.is_bid === gone.is_bid && offer.disk_space >= diskGb;
    if (!alike || excluded.has(offer.id) || (gone.verified && !offer.verified)) continue;
    if (best === null || offer.dph_total < best.dph_total) best = offer;
  }
  return best;
};
