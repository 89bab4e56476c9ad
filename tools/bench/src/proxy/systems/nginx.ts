import { findProgram, programVersion } from '../../linux/programs.ts'
import { nginxConfig } from '../nginx-config.ts'
import type { SystemUnderTest } from '../system.ts'

export const nginx: SystemUnderTest = {
  name: 'nginx',
  setup: '1 worker, 2 targets, random two least_conn, upstream keepalive, X-Forwarded-*',
  install: 'apt-get install nginx',
  async find() {
    const program = await findProgram('nginx')
    if (program === undefined) return undefined
    return {
      version: await programVersion(program, '-v'),
      launch: ({ folder, port, originPorts }) => ({
        files: { 'nginx.conf': nginxConfig(folder, proxyServer(port, originPorts)) },
        program,
        arguments: ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`],
      }),
    }
  },
}

function proxyServer(port: number, originPorts: readonly number[]): string {
  return `
  upstream origins {
    random two least_conn;
    ${originPorts.map((origin) => `server 127.0.0.1:${origin};`).join('\n    ')}
    keepalive 128;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://origins;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`
}
