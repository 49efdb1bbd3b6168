// Which countries a region of the offers filter stands for: the same as main applies to a search.

/** Europe as people mean it when they look for a near host: the Union, the EEA, and their neighbours (ISO 3166-1). */
const europe = 'AD AL AT BA BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM UA XK';
const asia = 'AE AM AZ BD BH BN BT CN GE HK ID IL IN JO JP KG KH KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK QA SA SG TH TJ TM TR TW UZ VN';

const regions: Readonly<Record<string, ReadonlySet<string>>> = { EU: new Set(europe.split(' ')), ASIA: new Set(asia.split(' ')) };

/** True when the country (two letters, upper case) lies in the region: US, EU, ASIA or a country code. */
export const inRegion = (country: string, region: string): boolean => {
  const wanted = region.toUpperCase();
  return regions[wanted]?.has(country) ?? country === wanted;
};
