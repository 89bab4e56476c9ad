import { bodies } from './bodies.ts'
import { nginxConfig } from './nginx-config.ts'
import type { Launch, Site } from './system.ts'

/** The origin: nginx, which serves static files from memory on both origin ports. */
export function launchOrigin(program: string, site: Pick<Site, 'folder' | 'originPorts'>): Launch {
  const { folder, originPorts } = site
  const http = `
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=10 inactive=600s;
  open_file_cache_valid 600s;
  server {
    ${originPorts.map((port) => `listen 127.0.0.1:${port};`).join('\n    ')}
    root ${folder};
  }`
  return {
    files: {
      'nginx.conf': nginxConfig(folder, http),
      ...Object.fromEntries(bodies.map(({ path, bytes }) => [path.slice(1), 'x'.repeat(bytes)])),
    },
    program,
    arguments: ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`],
  }
}
