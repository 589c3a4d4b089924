/** Control ids of the frameworks that findings are evidence for, by framework. */
export const FRAMEWORKS = {
  'CIS Kubernetes Benchmark': [
    'CIS-5.2.1',
    'CIS-5.2.2',
    'CIS-5.2.5',
    'CIS-5.2.8',
    'CIS-5.2.12',
    'CIS-5.3.1',
    'CIS-5.3.2',
    'CIS-5.6.1',
    'CIS-5.6.4',
  ],
  'NSA/CISA Kubernetes Hardening Guide': ['NSA-NP'],
  'PCI DSS 4.0.1': [
    'PCI-1.2.1',
    'PCI-1.2.5',
    'PCI-1.2.6',
    'PCI-1.2.7',
    'PCI-1.2.8',
    'PCI-1.3.1',
    'PCI-1.3.2',
    'PCI-1.4.1',
    'PCI-1.4.2',
    'PCI-1.4.4',
    'PCI-11.4.5',
  ],
  'NIST SP 800-53 r5': ['AC-4', 'AC-6', 'SC-7', 'SC-7(5)', 'SC-7(21)', 'CM-3', 'CM-6', 'CM-7', 'SI-4'],
  'NIST SP 800-190': ['190-4.3.3', '190-4.4.2'],
  'FedRAMP 20x': ['KSI-CNA-01', 'KSI-CNA-02'],
  'SOC 2': ['CC6.1', 'CC6.6', 'CC6.7', 'CC7.1', 'CC7.2'],
  'ISO/IEC 27001:2022': ['A.8.20', 'A.8.21', 'A.8.22'],
  'OWASP Kubernetes Top Ten': ['K05', 'K05(2025)', 'K08(2025)'],
  Kubescape: ['C-0030', 'C-0041', 'C-0044', 'C-0049', 'C-0054', 'C-0205', 'C-0206', 'C-0260', 'C-0299'],
  Trivy: ['KSV-0056'],
  Checkov: ['CKV_K8S_19', 'CKV_K8S_26', 'CKV2_K8S_6'],
  'MITRE ATT&CK': ['T1046', 'T1210', 'T1552.005', 'T1609'],
  'Microsoft threat matrix for Kubernetes': ['MS-TA9031', 'MS-TA9033', 'MS-TA9034', 'MS-M9014'],
} as const;

export type Framework = keyof typeof FRAMEWORKS;
export type ComplianceKey = (typeof FRAMEWORKS)[Framework][number];

/** The framework that a key belongs to. */
export function frameworkOf(key: ComplianceKey): Framework {
  for (const [framework, keys] of Object.entries(FRAMEWORKS) as [Framework, readonly string[]][]) {
    if (keys.includes(key)) return framework;
  }
  throw new Error(`no framework has the key \`${key}\``);
}
