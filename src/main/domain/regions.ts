// The countries behind a region of the offer filters.

/** Europe as people mean it when they look for a near host: the Union, the EEA, and their neighbours. */
const europe = [
  'AD', 'AL', 'AT', 'BA', 'BE', 'BG', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR', 'HU', 'IE', 'IS', 'IT', 'LI', 'LT', 'LU', 'LV', 'MC', 'MD',
  'ME', 'MK', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO', 'RS', 'SE', 'SI', 'SK', 'SM', 'UA', 'XK',
];

const asia = [
  'AE', 'AM', 'AZ', 'BD', 'BH', 'BN', 'BT', 'CN', 'GE', 'HK', 'ID', 'IL', 'IN', 'JO', 'JP', 'KG', 'KH', 'KR', 'KW', 'KZ', 'LA', 'LB', 'LK', 'MM', 'MN', 'MO', 'MV', 'MY',
  'NP', 'OM', 'PH', 'PK', 'QA', 'SA', 'SG', 'TH', 'TJ', 'TM', 'TR', 'TW', 'UZ', 'VN',
];

/** Country codes of `US`, `EU`, `ASIA`, or of one two-letter country. */
export const countriesOf = (region: string): readonly string[] => {
  const name = region.toUpperCase();
  if (name === 'EU') return europe;
  if (name === 'ASIA') return asia;
  return [name];
};
