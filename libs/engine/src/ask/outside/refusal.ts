/** Why a way in leads nowhere, or why it cannot be told whether it does, whatever policy says. */
export interface Refusal {
  readonly verdict: 'denied' | 'undetermined';
  readonly why: string;
}

export const denied = (why: string): Refusal => ({ verdict: 'denied', why });
export const undetermined = (why: string): Refusal => ({ verdict: 'undetermined', why });

/** Of a backend of weight 0. */
export const UNUSED = denied('its weight is 0, so nothing is sent there');
