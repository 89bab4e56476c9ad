import { describe, it } from 'vitest'
import { FAILOVER_IP, ROBOT, robotStandIn } from './hetzner-robot.fixture.ts'
import { robotFailoverIp } from './hetzner-robot.ts'
import { describeProviderContract } from './testing/index.ts'

describeProviderContract(
  { describe, it },
  {
    title: 'a failover IP of Hetzner Robot',
    async open() {
      const { url: endpoint, standIn } = await robotStandIn()
      return {
        standIn,
        open: (clock) => robotFailoverIp({ address: FAILOVER_IP, ...ROBOT, endpoint, clock }),
        targets: { 'web-1': '198.51.100.1', 'web-2': '198.51.100.2', stranger: '198.51.100.9' },
        keepsToken: false,
        secrets: [ROBOT.password, Buffer.from(`${ROBOT.user}:${ROBOT.password}`).toString('base64')],
      }
    },
  },
)
