// The beginning of a file, shown without restoring it: text as text, four kinds of image, nothing else.
import { Text } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LoadingState, QueryView } from '../../ui/states';
import type { FileKey } from './address';
import { useImage, usePreview } from './use-files';
import classes from './files.module.css';

function Picture({ id, file, name }: Readonly<{ id: string; file: FileKey; name: string }>) {
  const { t } = useTranslation('files');
  const result = useImage(id, file);
  const [broken, setBroken] = useState(false);
  const url = useMemo(() => (result.data === undefined ? null : URL.createObjectURL(result.data)), [result.data]);
  useEffect(() => () => { if (url !== null) URL.revokeObjectURL(url); }, [url]);
  return (
    <QueryView result={result} compact loading={<LoadingState rows={3} />}>
      {() => (url === null || broken ? <Text size="sm" c="dimmed">{broken ? t('preview.broken') : ''}</Text> : <img className={classes['picture']} src={url} alt={t('preview.image', { name })} onError={() => setBroken(true)} />)}
    </QueryView>
  );
}

/** The preview of one file. */
export function Preview({ id, file }: Readonly<{ id: string; file: FileKey }>) {
  const { t } = useTranslation('files');
  const result = usePreview(id, file);
  return (
    <section aria-label={t('preview.title')}>
      <QueryView result={result} compact loading={<LoadingState rows={5} height={14} />}>
        {(preview) => {
          if (preview.kind === 'image') return <Picture id={id} file={file} name={preview.file.name} />;
          if (preview.kind === 'none') return <Text size="sm" c="dimmed">{t(`preview.none.${preview.reason}`)}</Text>;
          return (
            <>
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
              <pre className={classes['text']} tabIndex={0}>{preview.text}</pre>
              {preview.truncated ? <Text size="xs" c="dimmed">{t('preview.truncated')}</Text> : null}
            </>
          );
        }}
      </QueryView>
    </section>
  );
}
