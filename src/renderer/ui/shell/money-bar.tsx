// Money, always visible: what is left, what is being spent, how long it lasts.
import { Badge, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../../contract/types';
import { errorOf, query } from '../../client';
import { oldCreditAt } from '../credit-age';
import { useFormat } from '../format';
import { Money } from '../money';
import { useNow } from '../relative-time';
import { routeHash } from '../route';
import classes from './shell.module.css';

/** Hours below which the runway is shown as a warning: less than a night. */
const SHORT_RUNWAY_H = 12;

/** When Vast.ai said the credit, where that is long ago: the other figures may be of now. */
function CreditAge({ account }: Readonly<{ account: Account }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(10_000);
  const said = oldCreditAt(account, now);
  if (said === null) return null;
  const age = format.relative(said, now);
  return <Tooltip label={t('bar.creditAge', { age })}><Badge className={classes['age']} color="amber" variant="light" size="sm" tabIndex={0} aria-label={t('bar.creditAge', { age })} role="note">{age}</Badge></Tooltip>;
}

/** Credit, burn and runway of the Vast.ai account. */
export function MoneyBar() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error } = useQuery(query.instances.account.queryOptions({ refetchInterval: 60_000 }));
  if (data === undefined) {
    if (error === null) return <div className={classes['money']} aria-busy="true" />;
    if (errorOf(error).code !== 'vast_key_missing') return <div className={classes['money']}><Badge color="amber" variant="light">{t('bar.stale')}</Badge></div>;
    return <div className={classes['money']}><span className="app-dim">{t('bar.noKey')}</span><a className={classes['moneyLink']} href={routeHash('settings')}>{t('bar.noKeyAction')}</a></div>;
  }
  const { credit, burn_per_hour: burn, runway_hours: runway, stale } = data;
  const old = stale || error !== null;
  return (
    <dl className={classes['money']} data-testid="money">
      <div className={classes['figure']}><dt>{t('bar.credit')}</dt><dd><Money amount={credit} digits={2} /><CreditAge account={data} /></dd></div>
      <div className={classes['figure']} data-tone={burn > 0 ? 'burn' : undefined}><dt>{t('bar.burn')}</dt><dd><Money amount={burn} per="hour" /></dd></div>
      {runway === null ? null : (
        <div className={classes['figure']} data-wide data-tone={runway < SHORT_RUNWAY_H ? 'short' : undefined}>
          <dt>{t('bar.runway')}</dt>
          <dd><span className="app-number">{format.duration(runway * 3600)}</span></dd>
        </div>
      )}
      {old ? <div><dt className="app-hidden">{t('bar.stale')}</dt><dd style={{ margin: 0 }}><Tooltip label={t('bar.staleHint')}><Badge color="amber" variant="light" size="sm" tabIndex={0}>{t('bar.stale')}</Badge></Tooltip></dd></div> : null}
    </dl>
  );
}
