// Without the theme's web font: the reader's own is there already.
import theme from 'vitepress/theme-without-fonts'
// eslint-disable-next-line import/no-unassigned-import -- a stylesheet has no names
import './style.css'

// eslint-disable-next-line import/no-default-export -- VitePress reads it
export default theme
