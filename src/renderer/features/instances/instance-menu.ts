// What the context menu of an instance offers: the same verbs as its buttons.
import { Camera, Copy, History, Pause, Pencil, Play, ScrollText, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { navigate } from '../../ui/route';
import type { RowAction } from '../../ui/row-menu';
import type { InstanceDialog } from './instance-card';
import type { Allowed } from './instance-state';
import type { useInstanceActions } from './use-instances';

export function useInstanceMenu(instance: Instance, can: Allowed, verbs: ReturnType<typeof useInstanceActions>, onDialog: (dialog: InstanceDialog, instance: Instance) => void): readonly RowAction[] {
  const { t } = useTranslation('instances');
  const { id, ssh, state } = instance;
  const command = ssh?.command ?? null;
  const run: RowAction = state === 'stopped'
    ? { id: 'resume', label: t('action.resume'), icon: Play, disabled: !can.resume, onClick: () => verbs.resume.mutate({ id }) }
    : { id: 'pause', label: t(state === 'scheduling' ? 'action.leave_queue' : 'action.pause'), icon: Pause, disabled: !can.pause, onClick: () => verbs.pause.mutate({ id }) };
  return [
    run,
    { id: 'snapshot', label: t('action.snapshot'), icon: Camera, disabled: !can.snapshot, onClick: () => navigate('snapshots', null, { take: String(id) }) },
    { id: 'snapshots', label: t('action.snapshots'), icon: History, onClick: () => navigate('snapshots', null, { instance: String(id) }) },
    { id: 'logs', label: t('action.logs'), icon: ScrollText, onClick: () => onDialog('logs', instance) },
    ...(command === null ? [] : [{ id: 'ssh', label: t('action.copy_ssh'), icon: Copy, onClick: () => void navigator.clipboard.writeText(command) }]),
    { id: 'rename', label: t('action.rename'), icon: Pencil, onClick: () => onDialog('rename', instance) },
    { id: 'destroy', label: t('action.destroy'), icon: Trash2, danger: true, disabled: !can.destroy, onClick: () => onDialog('destroy', instance) },
  ];
}
