// Dragging something out of the window as a file: the page says what, main makes the file.
import type { DragEvent } from 'react';
import type { DragSubject } from '../../contract/types';
import { api, isDesktop } from '../client';

/** Properties of an element that can be dragged out; none in a browser, where no file can be made. */
export function draggedOut(subject: DragSubject): { readonly draggable?: true; readonly onDragStart?: (event: DragEvent) => void } {
  if (!isDesktop) return {};
  return {
    draggable: true,
    onDragStart: (event) => {
      event.preventDefault();
      // Nothing is lost when it comes too late: the drag simply holds nothing.
      api.shell.dragOut(subject).catch(() => undefined);
    },
  };
}
