// Copies a text and says so, to the eye and to the screen reader.
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { Check, Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';

export interface CopyButtonProps {
  /** What is copied. */
  readonly value: string;
  /** What it is, in words, for the button's name: "SSH command". */
  readonly what: string;
  /** Shows the words beside the icon. */
  readonly withText?: boolean;
}

/** An icon, or a button with words, that copies `value`. */
export function CopyButton({ value, what, withText = false }: CopyButtonProps) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  const name = clipboard.copied ? t('copied') : t('copyWhat', { what });
  const icon = clipboard.copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />;
  const copy = () => clipboard.copy(value);
  return (
    <>
      {withText ? (
        <Button variant="default" size="xs" leftSection={icon} onClick={copy}>{clipboard.copied ? t('copied') : t('copyWhat', { what })}</Button>
      ) : (
        <Tooltip label={name}>
          <ActionIcon size="sm" aria-label={name} onClick={copy}>{icon}</ActionIcon>
        </Tooltip>
      )}
      <output className="app-hidden">{clipboard.copied ? t('copied') : ''}</output>
    </>
  );
}
