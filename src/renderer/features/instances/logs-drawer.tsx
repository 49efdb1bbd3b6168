// The container log of an instance as plain text, with a filter; nothing in it is trusted or interpreted.
import { ActionIcon, Drawer, Group, Select, Text, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { RotateCw, Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { query } from '../../client';
import { CopyButton } from '../../ui/copy-button';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { ErrorState, LoadingState } from '../../ui/states';
import { useInstanceName } from './instance-card';
import classes from './instances.module.css';

const tails = [100, 500, 2000, 10_000] as const;

/** Colour codes of terminals say nothing in plain text. */
// eslint-disable-next-line no-control-regex
const plain = (line: string): string => visible(line.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, ''));

function Lines({ lines, truncated, filter }: Readonly<{ lines: readonly string[]; truncated: boolean; filter: string }>) {
  const { t } = useTranslation('instances');
  const box = useRef<HTMLPreElement>(null);
  const text = lines.map(plain).join('\n');
  useEffect(() => {
    // The end is what is new; an empty text has no end.
    if (box.current !== null && text !== '') box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (lines.length === 0) return <Text c="dimmed" size="sm">{filter === '' ? t('logs.empty') : t('logs.no_match', { filter })}</Text>;
  return (
    <>
      {truncated ? <Text size="xs" c="dimmed">{t('logs.truncated')}</Text> : null}
      {/* Scrollable, so it takes the focus for the arrow keys. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={box} className={classes['log']} tabIndex={0} aria-label={t('logs.lines')}>{text}</pre>
    </>
  );
}

/** The drawer; Esc closes it. */
export function LogsDrawer({ instance, onClose }: Readonly<{ instance: Instance; onClose: () => void }>) {
  const { t } = useTranslation(['instances', 'common']);
  const format = useFormat();
  const name = useInstanceName()(instance);
  const [tail, setTail] = useState<number>(500);
  const [filter, setFilter] = useState('');
  const [asked] = useDebouncedValue(filter.trim(), 350);
  const result = useQuery(query.instances.logs.queryOptions({ input: { id: instance.id, tail, ...(asked === '' ? {} : { filter: asked }) }, placeholderData: (before) => before, staleTime: 5000 }));
  const { data } = result;
  return (
    <Drawer opened onClose={onClose} position="right" size="min(860px, 100%)" title={<Text fw={640} size="lg">{t('logs.title', { label: name })}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }} classNames={{ body: classes['logBody'] ?? '', content: classes['logContent'] ?? '' }}>
      <Group gap="xs" align="flex-end" className={classes['logTools']}>
        <TextInput size="xs" flex={1} miw={140} label={t('logs.filter')} value={filter} maxLength={200} onChange={(event) => setFilter(event.currentTarget.value)} leftSection={<Search size={14} aria-hidden />} />
        <Select size="xs" w={104} label={t('logs.tail')} value={String(tail)} onChange={(text) => setTail(Number(text))} data={tails.map((lines) => ({ value: String(lines), label: format.number(lines) }))} />
        <Tooltip label={t('logs.refresh')}><ActionIcon variant="default" size={30} aria-label={t('logs.refresh')} loading={result.isFetching} onClick={() => void result.refetch()}><RotateCw size={14} aria-hidden /></ActionIcon></Tooltip>
        {data === undefined ? null : <CopyButton value={data.lines.join('\n')} what={t('logs.what')} />}
      </Group>
      <Text size="xs" c="dimmed">{t('logs.remote')} {data === undefined ? '' : t('logs.count', { count: data.lines.length })}</Text>
      {result.error === null ? null : <ErrorState error={result.error} onRetry={() => void result.refetch()} compact />}
      {data === undefined ? (result.error === null ? <LoadingState rows={12} height={14} /> : null) : <Lines lines={data.lines} truncated={data.truncated} filter={asked} />}
    </Drawer>
  );
}
