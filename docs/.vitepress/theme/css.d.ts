// Vite turns the file into a stylesheet of the site.
declare module '*.css'
