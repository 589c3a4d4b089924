import { path, text } from '../../base/index.js';
import { finding } from '../detector.js';
import type { CniDetector } from '../detector.js';

/** OpenShift says in its Network object which plugin it runs. */
export const openshiftDetector: CniDetector = {
  id: 'openshift',
  detect(view) {
    const network = view.objects('Network.config.openshift.io').find((object) => object.meta.name === 'cluster');
    if (network === undefined) {
      if (!view.namespaces.has('openshift-network-operator')) return null;
      const detail = 'is there: this is OpenShift';
      const evidence = [{ source: 'Namespace openshift-network-operator', detail, weight: 0 }];
      return finding({ evidence, options: { platform: 'openshift' } });
    }
    const type = text(path(network.raw, 'status', 'networkType')) || text(path(network.raw, 'spec', 'networkType'));
    const evidence = [{ source: 'Network cluster', detail: `networkType is \`${type}\``, weight: 0.9 }];
    const options = { platform: 'openshift', 'network-type': type };
    if (type === 'OVNKubernetes') {
      const networking = 'ovn-kubernetes';
      return finding({ profile: networking, networking, networkingStated: true, enforces: 'yes', evidence, options });
    }
    if (type === 'OpenShiftSDN') {
      const networking = 'openshift-sdn';
      // Its mode (network policy by default) stands in the operator's object, which is not read.
      const certainty = 0.75;
      return finding({ profile: networking, networking, enforces: 'yes', evidence, options, certainty });
    }
    // Another vendor's plugin is found by its own detector.
    return finding({ evidence, options });
  },
};
