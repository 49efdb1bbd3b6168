// The section "Repositories": where snapshots are kept, here and on servers.
import { Anchor, Button, Group, Text } from '@mantine/core';
import { FolderInput, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AddDialog, type AddMode } from '../../ui/repositories/add-dialog';
import { useRepositories } from '../../ui/repositories/use-repositories';
import { routeHash } from '../../ui/route';
import { QueryView } from '../../ui/states';
import { RepositoryCard } from './repository-card';
import classes from './repositories.module.css';

/** All repositories; there is always one. */
export function RepositoriesPage() {
  const { t } = useTranslation(['repositories', 'common']);
  const [adding, setAdding] = useState<AddMode | null>(null);
  const result = useRepositories();
  return (
    <div className={classes['page']}>
      <header className={classes['head']}>
        <div>
          <h1>{t('common:nav.repositories')}</h1>
          <Text size="sm" c="dimmed">{t('repositories:why')} <Anchor size="sm" underline="always" href={routeHash('settings')}>{t('repositories:recovery_link')}</Anchor></Text>
        </div>
        <Group gap="xs">
          <Button variant="default" leftSection={<FolderInput size={15} aria-hidden />} onClick={() => setAdding('import')}>{t('repositories:import')}</Button>
          <Button leftSection={<Plus size={15} aria-hidden />} onClick={() => setAdding('create')}>{t('repositories:new')}</Button>
        </Group>
      </header>
      <QueryView result={result}>{({ repositories }) => <div className={classes['cards']}>{repositories.map((one) => <RepositoryCard key={one.id} repository={one} />)}</div>}</QueryView>
      <AddDialog mode={adding} onClose={() => setAdding(null)} />
    </div>
  );
}
