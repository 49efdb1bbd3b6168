// "Proven 6 h ago": what rehearsals say of a snapshot. Without one it is never called safe.
import { Tooltip } from '@mantine/core';
import { Shield, ShieldAlert, ShieldCheck, ShieldHalf, ShieldX, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ProofStamp as Stamp, ProofState } from '../../contract/types';
import { useFormat } from './format';
import { useNow } from './relative-time';
import classes from './states.module.css';

const icons: Readonly<Record<ProofState, LucideIcon>> = { none: Shield, part: ShieldHalf, proven: ShieldCheck, damaged: ShieldX, failed: ShieldAlert };

/** A share that is not whole is never shown as 100 %. */
const percent = (share: number): number => Math.min(99, Math.floor(share * 100));

/** A stamp in words, with its explanation on hover. */
export function ProofStamp({ stamp }: Readonly<{ stamp: Stamp }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(30_000);
  const Icon = icons[stamp.state];
  const facts = { ago: stamp.at === null ? '' : format.relative(stamp.at, now), percent: percent(stamp.coverage) };
  const why = [t(`proof.why.${stamp.state}`, facts), stamp.weak ? t('proof.weak') : ''].filter((text) => text !== '').join(' ');
  return (
    <Tooltip label={why} multiline maw={340}>
      <span className={classes['proof']} data-proof={stamp.state}><Icon size={14} aria-hidden />{t(`proof.state.${stamp.state}`, facts)}</span>
    </Tooltip>
  );
}
