import { type NodeName, nodeNames, SERVICE_PORT, VIP } from './site.ts'

/** The `corosync.conf` of both nodes; what is not said is as Debian has it: a token of 3 s. */
export function corosyncFile(addresses: Readonly<Record<NodeName, string>>): string {
  const nodes = nodeNames.map((name, index) => `  node { nodeid: ${index + 1} name: ${name} ring0_addr: ${addresses[name]} }`)
  // Its parser wants each key on a line of its own.
  const lines = nodes.map((node) => node.replaceAll(/ (\w+): /g, '\n    $1: ').replace(' }', '\n  }'))
  return `totem {
  version: 2
  cluster_name: site
  transport: knet
}
nodelist {
${lines.join('\n')}
}
quorum {
  provider: corosync_votequorum
  two_node: 1
}
logging {
  to_stderr: yes
  to_logfile: no
  to_syslog: no
}
`
}

/** Two nodes without a fence, an address, and the check of the service beside which it has to be. Each by the section that it goes into. */
export const clusterSections: Readonly<Record<string, string>> = {
  crm_config: `<crm_config><cluster_property_set id="options">
  <nvpair id="options-stonith" name="stonith-enabled" value="false"/>
  <nvpair id="options-quorum" name="no-quorum-policy" value="ignore"/>
</cluster_property_set></crm_config>
`,
  rsc_defaults: `<rsc_defaults><meta_attributes id="defaults">
  <nvpair id="defaults-stickiness" name="resource-stickiness" value="100"/>
</meta_attributes></rsc_defaults>
`,
  resources: `<resources>
  <clone id="services"><primitive id="service" class="ocf" provider="lab" type="service">
    <operations><op id="service-monitor" name="monitor" interval="1s" timeout="1s"/></operations>
    <meta_attributes id="service-meta">
      <nvpair id="service-migration" name="migration-threshold" value="1"/>
      <nvpair id="service-failure" name="failure-timeout" value="3s"/>
    </meta_attributes>
  </primitive></clone>
  <primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
    <instance_attributes id="vip-attributes">
      <nvpair id="vip-ip" name="ip" value="${VIP}"/>
      <nvpair id="vip-netmask" name="cidr_netmask" value="32"/>
      <nvpair id="vip-nic" name="nic" value="eth0"/>
    </instance_attributes>
    <operations><op id="vip-monitor" name="monitor" interval="1s" timeout="5s"/></operations>
  </primitive>
</resources>
`,
  constraints: `<constraints>
  <rsc_colocation id="beside" rsc="vip" with-rsc="services" score="INFINITY"/>
  <rsc_order id="after" first="services" then="vip"/>
</constraints>
`,
}

/** An agent that starts and stops nothing: it says whether the service answers, which somebody else runs. */
export const serviceAgent: string = `#!/bin/sh
answers() { curl --silent --fail --max-time 1 --output /dev/null http://127.0.0.1:${SERVICE_PORT}/healthz; }
started="/run/resource-agents/service"
case "$1" in
  start) touch "$started"; answers || exit 1 ;;
  stop) rm -f "$started" ;;
  monitor) [ -e "$started" ] || exit 7; answers || exit 1 ;;
  meta-data) cat <<'END'
<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="service" version="1.0"><version>1.0</version>
<longdesc lang="en">Whether the service answers.</longdesc><shortdesc lang="en">Whether the service answers</shortdesc>
<parameters/>
<actions><action name="start" timeout="5s"/><action name="stop" timeout="5s"/><action name="monitor" timeout="1s" interval="1s"/><action name="meta-data" timeout="5s"/></actions>
</resource-agent>
END
  ;;
  validate-all) ;;
  *) exit 3 ;;
esac
exit 0
`
