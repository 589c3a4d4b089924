import type { Labels } from '../../model/index.js';

/** A controller of Ingress objects that is well known. */
export interface IngressController {
  /** By what classes name it in `spec.controller`, also with more after a slash. */
  readonly called: string;
  /** By what the pods of its charts name themselves. */
  readonly apps: readonly string[];
  /** A label that they have whatever its value is. */
  readonly label?: string;
}

/** Of OpenShift. */
export const ROUTERS: IngressController = {
  called: 'openshift.io/ingress-to-route',
  apps: [],
  label: 'ingresscontroller.operator.openshift.io/deployment-ingresscontroller',
};

const CONTROLLERS: readonly IngressController[] = [
  ROUTERS,
  { called: 'k8s.io/ingress-nginx', apps: ['ingress-nginx', 'rke2-ingress-nginx'] },
  { called: 'nginx.org/ingress-controller', apps: ['nginx-ingress'] },
  { called: 'traefik.io/ingress-controller', apps: ['traefik', 'rke2-traefik'] },
  { called: 'haproxy-ingress.github.io/controller', apps: ['haproxy-ingress'] },
  { called: 'haproxy.org/ingress-controller', apps: ['kubernetes-ingress'] },
  { called: 'projectcontour.io', apps: ['contour', 'envoy'] },
  { called: 'ingress-controllers.konghq.com/kong', apps: ['kong'] },
  { called: 'getambassador.io/ingress-controller', apps: ['ambassador'] },
  { called: 'apisix.apache.org/apisix-ingress', apps: ['apisix-ingress-controller'] },
];

/** A name that may be any controller's. */
const ANY_CONTROLLER = 'ingress-controller';

/** The one that a class names; null for one that is not known. */
export function controllerCalled(name: string): IngressController | null {
  return CONTROLLERS.find(({ called }) => name === called || name.startsWith(`${called}/`)) ?? null;
}

/** Whether a pod with these labels is one of a controller, or may be. */
export function isOf({ apps, label }: IngressController, labels: Labels): boolean {
  if (label !== undefined && labels[label] !== undefined) return true;
  const names = [labels['app.kubernetes.io/name'], labels['app']];
  return names.some((name) => name !== undefined && (name === ANY_CONTROLLER || apps.includes(name)));
}

/** Whether a pod says by its labels that it serves Ingress objects. */
export const isController = (labels: Labels): boolean => CONTROLLERS.some((one) => isOf(one, labels));
