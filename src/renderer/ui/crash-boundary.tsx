// Keeps a failure of one section from taking the whole window.
import { Alert, Button, Stack, Text } from '@mantine/core';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Translation } from 'react-i18next';

interface Props {
  readonly children: ReactNode;
}

/** Shows words and a way back in place of what failed. Reset it by its key. */
export class CrashBoundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    // Reported, so that the window's log has the stack.
    reportError(new Error(`A section failed: ${error.message}${info.componentStack ?? ''}`, { cause: error }));
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Translation>
        {(t) => (
          <Alert m="md" color="red" title={t('crash.what')}>
            <Stack gap="xs" align="flex-start">
              <Text size="sm">{t('crash.kept')}</Text>
              <Button size="xs" variant="default" onClick={() => this.setState({ failed: false })}>{t('crash.action')}</Button>
            </Stack>
          </Alert>
        )}
      </Translation>
    );
  }
}
