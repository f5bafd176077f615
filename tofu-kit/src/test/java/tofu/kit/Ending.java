package tofu.kit;

/// How a dispatcher is told to end.
enum Ending {
    /// Its loop never ran, but for turns of the test.
    CLOSE,
    STOP_BY_TASK,
    CLOSE_BY_TASK;

    /// Ends a dispatcher.
    void end(Dispatcher dispatcher) {
        switch (this) {
            case CLOSE -> {
                dispatcher.close();
                return;
            }
            case STOP_BY_TASK -> dispatcher.execute(dispatcher::stop);
            case CLOSE_BY_TASK -> dispatcher.execute(dispatcher::close);
        }
        dispatcher.run();
    }
}
