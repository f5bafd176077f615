module hello {
    requires tofu.engine;
    requires tofu.kit;
}
