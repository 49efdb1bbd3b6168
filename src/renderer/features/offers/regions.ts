// Which countries a region of the offers filter stands for.

/** ISO 3166-1 codes of Europe, without Russia and Turkey, which Vast.ai's own region does not count either. */
const europe = 'AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM UA VA XK';
const asia = 'AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE';

const regions: Readonly<Record<string, ReadonlySet<string>>> = {
  EU: new Set(europe.split(' ')),
  ASIA: new Set(asia.split(' ')),
};

/** True when the country (two letters, upper case) lies in the region: US, EU, ASIA or a country code. */
export const inRegion = (country: string, region: string): boolean => {
  const wanted = region.toUpperCase();
  return regions[wanted]?.has(country) ?? country === wanted;
};
