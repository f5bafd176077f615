module hello {
    requires tofu.engine;
}
