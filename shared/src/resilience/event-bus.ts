/**
 * A bus of typed events within one process.
 *
 * An error thrown by a listener does not reach the emitter: it becomes a process warning.
 */

/** The bus; `Content` maps each kind of event to its type. */
export interface EventBus<Content> {
  /** Calls `listener` for each event of this kind, in the sequence of subscription; returns the function that unsubscribes. */
  on<Kind extends keyof Content>(kind: Kind, listener: (event: Content[Kind]) => void): () => void;
  emit<Kind extends keyof Content>(kind: Kind, event: Content[Kind]): void;
}

/** Creates a bus without listeners. */
export function createEventBus<Content>(): EventBus<Content> {
  const listeners: { [Kind in keyof Content]?: Set<(event: Content[Kind]) => void> } = {};

  return {
    on(kind, listener) {
      // A function per subscription: the same listener given twice is two subscriptions.
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
