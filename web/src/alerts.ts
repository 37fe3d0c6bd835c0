// Sound and notifications: both off until somebody switches them on.
import { signal } from '@preact/signals';

export const sound = signal(localStorage.getItem('uhoh.sound') === 'on');
export const notifications = signal(localStorage.getItem('uhoh.notify') === 'on');

export function setSound(on: boolean): void {
  sound.value = on;
  localStorage.setItem('uhoh.sound', on ? 'on' : 'off');
  if (on) ring();
}
export async function setNotifications(on: boolean): Promise<void> {
  if (on && 'Notification' in window && (await Notification.requestPermission()) !== 'granted') on = false;
  notifications.value = on;
  localStorage.setItem('uhoh.notify', on ? 'on' : 'off');
}

let audio: AudioContext | undefined;

/** Two falling notes, made here. */
function ring(): void {
  audio ??= new AudioContext();
  const begin = audio.currentTime;
  for (const [at, from, to] of [[0, 520, 470], [0.19, 390, 300]]) {
    const tone = audio.createOscillator(), loudness = audio.createGain();
    tone.type = 'triangle';
    tone.frequency.setValueAtTime(from, begin + at);
    tone.frequency.linearRampToValueAtTime(to, begin + at + 0.15);
    loudness.gain.setValueAtTime(0.0001, begin + at);
    loudness.gain.exponentialRampToValueAtTime(0.22, begin + at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + at + 0.17);
    tone.connect(loudness).connect(audio.destination);
    tone.start(begin + at);
    tone.stop(begin + at + 0.18);
  }
}

export function alertAbout(what: 'message' | 'online', who: string, text: string): void {
  if (what === 'message' && sound.value) ring();
  if (what === 'message' && notifications.value && document.visibilityState !== 'visible') {
    try { new Notification(who, { body: text.slice(0, 120), icon: '/flower.svg', tag: who }); } catch { /* only service workers may, on some phones */ }
  }
}
