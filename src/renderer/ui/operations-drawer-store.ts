// Whether the operations drawer is open, and on which operation: any feature that starts something may open it.
import { create } from 'zustand';

interface DrawerState {
  readonly opened: boolean;
  readonly operationId: string | null;
}

/** The drawer's state. */
export const useOperationsDrawer = create<DrawerState>(() => ({ opened: false, operationId: null }));

/** Opens the drawer, on one operation when its id is given. */
export const openOperation = (operationId: string | null = null): void => useOperationsDrawer.setState({ opened: true, operationId });

/** Closes the drawer. */
export const closeOperations = (): void => useOperationsDrawer.setState({ opened: false, operationId: null });
