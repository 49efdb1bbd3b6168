// The step that settles where snapshots are kept: the app's own folder is ready; another place, or a repository that exists, can take its part.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { FolderInput, HardDrive, Plus, Server } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryItem } from '../../../contract/types';
import { visible } from '../../ui/error-message';
import { AddDialog, type AddMode } from '../../ui/repositories/add-dialog';
import { useRepositories, useRepositoryName } from '../../ui/repositories/use-repositories';
import { QueryView } from '../../ui/states';
import classes from './first-steps.module.css';

function Place({ repository }: Readonly<{ repository: RepositoryItem }>) {
  const { t } = useTranslation('repositories');
  const name = useRepositoryName()(repository);
  const Icon = repository.kind === 'local' ? HardDrive : Server;
  return (
    <li className={classes['place']} aria-label={name}>
      <Icon size={17} aria-hidden />
      <div>
        <Group gap="xs">
          <Text size="sm" fw={560}>{name}</Text>
          {repository.is_default ? <Badge variant="light" size="sm" tt="none">{t('default')}</Badge> : null}
        </Group>
        <Text size="xs" c="dimmed" className={classes['location']}>{visible(repository.location)}</Text>
      </div>
    </li>
  );
}

/** All places that are known, and the two ways to another one. */
export function PlaceStep() {
  const { t } = useTranslation(['settings', 'repositories']);
  const [adding, setAdding] = useState<AddMode | null>(null);
  return (
    <Stack gap="md">
      <QueryView result={useRepositories()} compact>{({ repositories }) => <ul className={classes['places']}>{repositories.map((one) => <Place key={one.id} repository={one} />)}</ul>}</QueryView>
      <Group gap="xs">
        <Button variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding('create')}>{t('settings:steps.place.other')}</Button>
        <Button variant="default" leftSection={<FolderInput size={15} aria-hidden />} onClick={() => setAdding('import')}>{t('settings:steps.place.existing')}</Button>
      </Group>
      <AddDialog mode={adding} makeDefault onClose={() => setAdding(null)} />
    </Stack>
  );
}
