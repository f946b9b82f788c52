import { createTheme } from '@mantine/core';

/** One family per script: a joint family over several weight ranges falls back to a system font. */
const family = "'Wasl Latin', 'Wasl Hebrew', 'Wasl Arabic', system-ui, sans-serif";

export const theme = createTheme({
  fontFamily: family,
  headings: { fontFamily: family, fontWeight: '600' },
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  primaryColor: 'blue',
  // Shade 8 is the lightest blue on which white text passes 4.5:1.
  primaryShade: 8,
  defaultRadius: 'md',
  cursorType: 'pointer',
  // By name: importing the components here would bring them all into the first load.
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 34 } },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 80 } } },
    SegmentedControl: { defaultProps: { size: 'sm', transitionDuration: 100 } },
  },
});
