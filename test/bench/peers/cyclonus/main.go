// Asks cyclonus' matcher about every ordered pair of different pods on one TCP port. Reads a JSON list of Kubernetes
// objects from standard input; writes {"allowed": pairs, "asked": pairs, "ms": time of the questions alone}.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

type kind struct {
	Kind string `json:"kind"`
}

type cluster struct {
	namespaces map[string]map[string]string
	pods       []corev1.Pod
	policies   []*networkingv1.NetworkPolicy
}

func read(from *os.File) (*cluster, error) {
	var raw []json.RawMessage
	if err := json.NewDecoder(from).Decode(&raw); err != nil {
		return nil, err
	}
	out := &cluster{namespaces: map[string]map[string]string{}}
	for _, object := range raw {
		var head kind
		if err := json.Unmarshal(object, &head); err != nil {
			return nil, err
		}
		if err := out.add(head.Kind, object); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *cluster) add(kind string, object json.RawMessage) error {
	switch kind {
	case "Namespace":
		var namespace corev1.Namespace
		if err := json.Unmarshal(object, &namespace); err != nil {
			return err
		}
		c.namespaces[namespace.Name] = namespace.Labels
	case "Pod":
		var pod corev1.Pod
		if err := json.Unmarshal(object, &pod); err != nil {
			return err
		}
		c.pods = append(c.pods, pod)
	case "NetworkPolicy":
		policy := &networkingv1.NetworkPolicy{}
		if err := json.Unmarshal(object, policy); err != nil {
			return err
		}
		c.policies = append(c.policies, policy)
	}
	return nil
}

func (c *cluster) peer(pod corev1.Pod) *matcher.TrafficPeer {
	return &matcher.TrafficPeer{
		IP: pod.Status.PodIP,
		Internal: &matcher.InternalPeer{
			PodLabels:       pod.Labels,
			NamespaceLabels: c.namespaces[pod.Namespace],
			Namespace:       pod.Namespace,
		},
	}
}

// The name that the destination gives the port, if any.
func portName(pod corev1.Pod, port int) string {
	for _, container := range pod.Spec.Containers {
		for _, known := range container.Ports {
			if int(known.ContainerPort) == port {
				return known.Name
			}
		}
	}
	return ""
}

func (c *cluster) count(port int) int {
	policy := matcher.BuildNetworkPolicies(true, c.policies)
	peers := make([]*matcher.TrafficPeer, len(c.pods))
	names := make([]string, len(c.pods))
	for i, pod := range c.pods {
		peers[i] = c.peer(pod)
		names[i] = portName(pod, port)
	}
	allowed := 0
	for i, from := range peers {
		for j, to := range peers {
			if i == j {
				continue
			}
			traffic := &matcher.Traffic{
				Source:           from,
				Destination:      to,
				ResolvedPort:     port,
				ResolvedPortName: names[j],
				Protocol:         corev1.ProtocolTCP,
			}
			if policy.IsTrafficAllowed(traffic).IsAllowed() {
				allowed++
			}
		}
	}
	return allowed
}

func run() error {
	port, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	cluster, err := read(os.Stdin)
	if err != nil {
		return err
	}
	start := time.Now()
	allowed := cluster.count(port)
	spent := float64(time.Since(start).Microseconds()) / 1000
	asked := len(cluster.pods) * (len(cluster.pods) - 1)
	fmt.Printf("{\"allowed\": %d, \"asked\": %d, \"ms\": %.3f}\n", allowed, asked, spent)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
