// The palette behind Ctrl/Cmd+K. Loaded a moment after the page, or when it is first asked for.
import '@mantine/spotlight/styles.layer.css';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { Search } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Overlays } from './commands';
import { usePaletteActions } from './palette-actions';

/** Opens whenever `asked` counts up. */
export function Palette({ asked, overlays }: Readonly<{ asked: number; overlays: Overlays }>) {
  const { t } = useTranslation();
  const actions = usePaletteActions(overlays);
  useEffect(() => { if (asked > 0) spotlight.open(); }, [asked]);
  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      nothingFound={t('palette.nothing')}
      scrollable
      title={t('palette.search')}
      classNames={{ header: 'app-hidden' }}
      maxHeight={420}
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      searchProps={{ leftSection: <Search size={17} aria-hidden />, placeholder: t('palette.search'), 'aria-label': t('palette.search') }}
    />
  );
}
