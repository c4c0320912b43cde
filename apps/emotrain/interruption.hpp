#pragma once

/// From now on the first SIGINT or SIGTERM is only noted; a second one ends the process at once.
void note_signals();

/// The signal that was noted; 0: none.
int noted_signal();
/// From now on signals end the process again.
void forget_signals();
