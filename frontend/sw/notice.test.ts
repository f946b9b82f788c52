import { describe, expect, it } from 'vitest';
import { shown, type Pushed } from './notice';

const pushed: Pushed = { id: 'ntf_1', kind: 'assigned', at: '2026-03-01T08:00:00Z', language: 'he', conversation_id: 'cnv_1' };

describe('shown', () => {
  it('words what it knows in the language of the device, and names no customer by itself', () => {
    const { title, options } = shown(pushed, []);
    expect(title).toBe('קיבלת שיחה');
    expect(options).toMatchObject({ body: '', tag: 'cnv_1', renotify: true, dir: 'rtl', lang: 'he', data: { ids: ['ntf_1'], conversationId: 'cnv_1' } });
    expect(shown({ ...pushed, kind: 'sla_breached', metric: 'next_answer', language: 'en' }, []).title).toBe('An answer is late');
  });
  it('shows what the workspace lets it', () => {
    const { title, options } = shown({ ...pushed, language: 'en', name: 'דנה', text: 'שלום' }, []);
    expect(title).toBe('\u2068דנה\u2069: A conversation was given to you');
    expect(options.body).toBe('\u2068שלום\u2069');
  });
  it('puts what happens in one conversation into one notification', () => {
    const { options } = shown({ ...pushed, id: 'ntf_2', language: 'en' }, [{ ids: ['ntf_1'], conversationId: 'cnv_1' }]);
    expect(options).toMatchObject({ body: '2 notices', renotify: true, data: { ids: ['ntf_1', 'ntf_2'] } });
  });
  it('rings no second time for the same notice', () => {
    const { options } = shown(pushed, [{ ids: ['ntf_1'], conversationId: 'cnv_1' }]);
    expect(options).toMatchObject({ renotify: false, data: { ids: ['ntf_1'] } });
  });
  it('has words for what it does not know, in any language', () => {
    for (const strange of [{ kind: 'dead_letter' }, { kind: 'sla_warning', metric: 'odd' }, { kind: 'toString' }, { kind: 'assigned', language: 'xx' }]) {
      expect(shown({ ...pushed, ...strange }, []).title).not.toBe('');
    }
    expect(shown({ ...pushed, conversation_id: undefined, kind: 'channel_stopped' }, []).options.tag).toBe('ntf_1');
  });
});
