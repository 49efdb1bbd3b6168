// The look: own neutral and accent scales, small type, tight radii. Colours that carry text hold 4.5:1 in both schemes.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Petrol, the accent. White on 7 is 6.2:1, on 6 4.6:1; 3 on the dark ground 9:1. */
const petrol: MantineColorsTuple = ['#eaf6f9', '#d2ebf1', '#a6d9e4', '#79c7d7', '#4db4c8', '#2d9bb1', '#1a8095', '#11697d', '#0c5465', '#083f4d'];
/** Ink on paper: the light scheme's neutrals. */
const gray: MantineColorsTuple = ['#f7f8f9', '#eff1f4', '#e4e8ed', '#d5dae1', '#b5bec9', '#8894a3', '#566270', '#3f4a57', '#28313b', '#141a21'];
/** Night sky: the dark scheme's neutrals; 0 is text, 7 the ground. */
const dark: MantineColorsTuple = ['#e3e8ee', '#c4ccd6', '#a0abb8', '#7f8b9a', '#333d48', '#27303a', '#1b222a', '#12171d', '#0d1115', '#080b0e'];
const green: MantineColorsTuple = ['#e9f7ef', '#cfedda', '#a0dbb8', '#6fc994', '#48b877', '#2ca162', '#1f8750', '#146c3e', '#0f5631', '#0a4024'];
const red: MantineColorsTuple = ['#fdeeed', '#f9d8d5', '#f2b1ac', '#eb8b84', '#e2665d', '#d4473d', '#bd352c', '#a02a22', '#82211b', '#631813'];
const amber: MantineColorsTuple = ['#fdf4e3', '#fae7c0', '#f4cf85', '#edb84f', '#e2a229', '#c6860f', '#a36c08', '#825506', '#674304', '#4c3203'];

/** Mantine's theme of the app. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, gray, dark, green, red, amber, yellow: amber, orange: amber },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  headings: { fontWeight: '640', sizes: { h1: { fontSize: '1.25rem', lineHeight: '1.3' }, h2: { fontSize: '1rem', lineHeight: '1.35' }, h3: { fontSize: '0.875rem', lineHeight: '1.4' } } },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '14px' },
  defaultRadius: 'sm',
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    InputWrapper: { styles: { label: { marginBottom: '4px', fontWeight: 560 }, description: { marginBottom: '4px' } } },
    Button: { defaultProps: { size: 'sm' }, styles: { root: { fontWeight: 580 } } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, multiline: true, maw: 320, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 2 }, radius: 'md' } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Menu: { defaultProps: { shadow: 'md', radius: 'md', withInitialFocusPlaceholder: false } },
  },
});

const both = { '--app-nav-width': '208px', '--app-bar-height': '48px' };

const light = {
  '--mantine-color-body': '#ffffff',
  '--mantine-color-text': gray[9],
  '--mantine-color-dimmed': gray[6],
  '--mantine-color-placeholder': '#6b7785',
  '--mantine-color-error': red[6],
  '--mantine-color-default-border': gray[3],
  '--mantine-color-anchor': petrol[7],
  '--mantine-color-gray-light-color': gray[8],
  '--mantine-color-petrol-light-color': petrol[8],
  '--mantine-color-green-light-color': green[8],
  '--mantine-color-red-light-color': red[7],
  '--mantine-color-amber-light-color': amber[8],
  '--mantine-color-red-outline': red[7],
  '--app-ground': gray[0],
  '--app-panel': '#ffffff',
  '--app-sunken': gray[1],
  '--app-line': gray[2],
  '--app-line-strong': gray[3],
  '--app-hover': gray[1],
  '--app-selected': petrol[0],
  '--app-accent': petrol[7],
  '--app-accent-soft': petrol[0],
  '--app-ok': green[7],
  '--app-warn': amber[7],
  '--app-bad': red[7],
  '--app-warn-soft': amber[0],
  '--app-bad-soft': red[0],
  '--app-ok-soft': green[0],
  '--app-shadow': '0 1px 2px rgba(20, 26, 33, 0.06), 0 4px 14px rgba(20, 26, 33, 0.05)',
};

const night = {
  '--mantine-color-body': '#171d24',
  '--mantine-color-text': dark[0],
  '--mantine-color-dimmed': dark[2],
  '--mantine-color-placeholder': '#8b97a6',
  '--mantine-color-error': red[3],
  '--mantine-color-default': dark[6],
  '--mantine-color-default-border': dark[4],
  '--mantine-color-anchor': petrol[3],
  '--mantine-color-gray-light-color': dark[1],
  '--mantine-color-petrol-light-color': petrol[2],
  '--mantine-color-green-light-color': green[2],
  '--mantine-color-red-light-color': red[2],
  '--mantine-color-amber-light-color': amber[2],
  '--mantine-color-red-outline': red[3],
  '--app-ground': dark[7],
  '--app-panel': '#171d24',
  '--app-sunken': dark[8],
  '--app-line': '#262f39',
  '--app-line-strong': dark[4],
  '--app-hover': '#1e262f',
  '--app-selected': '#15303a',
  '--app-accent': petrol[3],
  '--app-accent-soft': '#122a33',
  '--app-ok': green[3],
  '--app-warn': amber[3],
  '--app-bad': red[3],
  '--app-warn-soft': '#2c2413',
  '--app-bad-soft': '#321a19',
  '--app-ok-soft': '#12291d',
  '--app-shadow': '0 1px 2px rgba(0, 0, 0, 0.4), 0 6px 20px rgba(0, 0, 0, 0.25)',
};


/** The app's own tokens; `var(--app-...)` in the style modules. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: both, light, dark: night });
