// A link out of the app: the window hands it to the system's browser, a browser opens a tab.
import { Anchor } from '@mantine/core';
import { ExternalLink as Icon } from 'lucide-react';
import type { ReactNode } from 'react';
import { api, isDesktop } from '../client';
import { notify } from './notify';

/** Opens `href`, which main must have on its short list. */
export function ExternalLink({ href, children }: Readonly<{ href: string; children: ReactNode }>) {
  const open = (event: React.MouseEvent) => {
    if (!isDesktop) return;
    event.preventDefault();
    api.shell.openExternal({ url: href }).catch(() => notify({ title: href, tone: 'warn' }));
  };
  return (
    <Anchor href={href} target="_blank" rel="noopener noreferrer" onClick={open} inherit underline="always" style={{ whiteSpace: 'nowrap' }}>
      {children} <Icon size={12} aria-hidden style={{ verticalAlign: '-1px' }} />
    </Anchor>
  );
}
