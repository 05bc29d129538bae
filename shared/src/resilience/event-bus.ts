/**
 * A bus of typed events: whoever owns a kind of event emits it, whoever wants to know subscribes.
 *
 * A listener that throws never disturbs the call that caused the event: it becomes a process warning.
 */

/** The bus; `Content` says what each kind of event tells. */
export interface EventBus<Content> {
  /** Calls `listener` for each event of this kind, in the sequence of subscription; answers the way to end it. */
  on<Kind extends keyof Content>(kind: Kind, listener: (event: Content[Kind]) => void): () => void;
  emit<Kind extends keyof Content>(kind: Kind, event: Content[Kind]): void;
}

/** Creates a bus without listeners. */
export function createEventBus<Content>(): EventBus<Content> {
  const listeners: { [Kind in keyof Content]?: Set<(event: Content[Kind]) => void> } = {};

  return {
    on(kind, listener) {
      // Its own function per subscription: the same listener given twice is two subscriptions.
      const subscription: typeof listener = (event) => listener(event);
      listeners[kind] ??= new Set();
      listeners[kind].add(subscription);
      return () => void listeners[kind]?.delete(subscription);
    },
    emit(kind, event) {
      for (const listener of listeners[kind] ?? []) {
        try {
          listener(event);
        } catch (error) {
          process.emitWarning(error instanceof Error ? error : String(error), { type: 'ListenerWarning' });
        }
      }
    },
  };
}
