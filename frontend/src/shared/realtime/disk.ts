/** One place on the device's disk for what a page wants to find again. */
const store = 'kept';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('wasl', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as DOMException);
  });
}

async function ask<T>(mode: IDBTransactionMode, work: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error as DOMException);
    });
  } finally {
    database.close();
  }
}

export const readDisk = (key: string): Promise<unknown> => ask('readonly', (objects) => objects.get(key) as IDBRequest<unknown>);
export const writeDisk = (key: string, value: unknown): Promise<unknown> => ask('readwrite', (objects) => objects.put(value, key));
export const clearDisk = (): Promise<unknown> => ask('readwrite', (objects) => objects.clear());
