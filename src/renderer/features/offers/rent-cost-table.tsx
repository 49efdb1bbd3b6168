// The four meters of a rental in plain words: running, disk, traffic, and how long the credit lasts.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { query } from '../../client';
import { useFormat } from '../../ui/format';
import { creditLasts, type RentCosts } from './rent-costs';
import classes from './offers.module.css';

function Credit({ running }: Readonly<{ running: number }>) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const account = useQuery(query.instances.account.queryOptions());
  const { credit, burn_per_hour: burn } = account.data ?? { credit: null, burn_per_hour: 0 };
  const hours = creditLasts(credit, burn, running);
  if (credit === null || hours === null) return <dd className="app-dim">{t('dialog.credit_unknown')}</dd>;
  if (credit <= 0) return <dd className={classes['bad']}>{t('dialog.no_credit', { credit: format.money(credit, 2) })}</dd>;
  return <dd className={hours < 1 ? classes['bad'] : undefined}>{t('dialog.lasts', { credit: format.money(credit, 2), time: format.duration(hours * 3600) })}</dd>;
}

/** What an hour, a paused month and a gigabyte cost, recomputed as the form changes. */
export function CostTable({ costs }: Readonly<{ costs: RentCosts }>) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const traffic = costs.down === null && costs.up === null ? t('dialog.traffic_unknown') : t('dialog.traffic_both', { down: format.money(costs.down), up: format.money(costs.up) });
  return (
    <section className={classes['costs']} aria-label={t('dialog.costs')} aria-live="polite">
      <dl>
        <div className={classes['first']}>
          <dt>{t('dialog.running')}</dt>
          <dd>
            {t('dialog.per_hour', { price: format.money(costs.running, 3) })}
            <small>{t('dialog.running_split', { gpus: format.money(costs.gpus), disk: format.money(costs.running - costs.gpus) })}</small>
          </dd>
        </div>
        <div><dt>{t('dialog.disk')}</dt><dd>{t('dialog.per_month', { price: format.money(costs.diskMonth, 2) })}</dd></div>
        <div><dt>{t('dialog.traffic')}</dt><dd>{traffic}</dd></div>
        <div><dt>{t('dialog.credit')}</dt><Credit running={costs.running} /></div>
      </dl>
    </section>
  );
}
