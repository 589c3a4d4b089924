{{- define "atlas.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "atlas.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "atlas.name" .) -}}
{{- end }}

{{/* What selects the pods of a role: (dict "root" $ "role" "api") */}}
{{- define "atlas.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end }}

{{- define "atlas.labels" -}}
{{ include "atlas.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "atlas.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* The environment of every process. Secrets are named, never written. */}}
{{- define "atlas.env" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef: {{ toJson .Values.secrets.database }}
{{- if .Values.secrets.redis.name }}
- name: REDIS_URL
  valueFrom:
    secretKeyRef: {{ toJson .Values.secrets.redis }}
{{- end }}
- name: ATLAS_SECRET_KEY
  valueFrom:
    secretKeyRef: {{ toJson .Values.secrets.key }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "atlas.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "atlas.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Keeps the replicas of a role on different nodes and zones where that is possible. */}}
{{- define "atlas.spread" -}}
{{- $selector := include "atlas.selector" . | fromYaml }}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{ toJson $selector }}
{{- end }}
{{- end }}
