// Schedules, what is kept, care of repositories, and what can be done to them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Schedule, Timing } from '../../../contract';
import { query } from '../../client';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { timingWords } from './timing-words';

/** Where this computer is. */
export const ownTimeZone: string = new Intl.DateTimeFormat().resolvedOptions().timeZone;

export const useSchedules = () => useQuery(query.schedules.list.queryOptions({ input: {} }));
export const useUpkeep = () => useQuery(query.maintenance.get.queryOptions());
export const useRetention = () => useQuery(query.maintenance.retention.queryOptions());
export const useSources = () => useQuery(query.sources.list.queryOptions({ input: {} }));
/** Undefined while they are not known. */
export const useKnownInstances = () => useQuery(query.instances.list.queryOptions()).data?.instances;
export const useInstances = () => useKnownInstances() ?? [];

/** The next runs of a timing that is being edited; null input asks nothing. */
export const usePreview = (timing: Timing | null, timeZone: string) =>
  useQuery(query.schedules.preview.queryOptions({ input: { timing: timing ?? { type: 'every', minutes: 60 }, time_zone: timeZone, count: 5 }, enabled: timing !== null, retry: false, placeholderData: (kept) => kept }));

const useSettle = () => {
  const cache = useQueryClient();
  return () => Promise.all([query.schedules.key(), query.maintenance.key(), query.operations.list.key()].map((queryKey) => cache.invalidateQueries({ queryKey })));
};

export const useCreate = (onDone: () => void) => { const settle = useSettle(); return useMutation(query.schedules.create.mutationOptions({ onSuccess: onDone, onSettled: settle })); };
export const useUpdate = (onDone?: () => void) => { const settle = useSettle(); return useMutation(query.schedules.update.mutationOptions({ onSuccess: onDone, onSettled: settle })); };
export const useRemove = (onDone: () => void) => { const settle = useSettle(); return useMutation(query.schedules.remove.mutationOptions({ onSuccess: onDone, onSettled: settle })); };
export const useRunNow = () => { const settle = useSettle(); return useMutation(query.schedules.runNow.mutationOptions({ onSettled: settle })); };
export const useAnswer = () => { const settle = useSettle(); return useMutation(query.schedules.answer.mutationOptions({ onSettled: settle })); };
export const usePrune = () => { const settle = useSettle(); return useMutation(query.maintenance.prune.mutationOptions({ onSettled: settle })); };
export const useCheck = () => { const settle = useSettle(); return useMutation(query.maintenance.check.mutationOptions({ onSettled: settle })); };
export const useSetRetention = () => { const settle = useSettle(); return useMutation(query.maintenance.setRetention.mutationOptions({ onSettled: settle })); };
export const usePlan = () => useMutation(query.maintenance.planRetention.mutationOptions());
export const useApply = (onDone: () => void) => { const settle = useSettle(); return useMutation(query.maintenance.applyRetention.mutationOptions({ onSuccess: onDone, onSettled: settle })); };

/** What a timing means in the page's language; the pattern itself where it cannot be said. */
export const useTimingWords = (): ((timing: Timing) => string) => {
  const { t, i18n } = useTranslation('schedules');
  const format = useFormat();
  const say = { every: (time: string) => t('every', { time }), duration: format.duration };
  return (timing) => timingWords(timing, i18n.language, say) ?? (timing.type === 'cron' ? timing.pattern : '');
};

/** What a schedule is about: `train: /workspace`, or what it does to the repository. */
export const useSubject = (): ((schedule: Pick<Schedule, 'kind' | 'source'>) => string) => {
  const { t } = useTranslation('schedules');
  return ({ kind, source }) => (source === null ? t(`kind.${kind}`) : `${visible(source.label ?? t('no_label', { id: source.instance_id }))}: ${visible(source.path)}`);
};

/** An instant on the clock of a time zone, with the zone's name where it is not the page's own. */
export const useZoned = (): ((at: string, timeZone: string) => string) => {
  const { i18n } = useTranslation();
  return (at, timeZone) => {
    try {
      return new Intl.DateTimeFormat(i18n.language, { weekday: 'short', day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', timeZone, ...(timeZone === ownTimeZone ? {} : { timeZoneName: 'short' }) }).format(new Date(at));
    } catch {
      return at;
    }
  };
};
