/// The cookbook: small programs to read, to run and to start from.
module tofu.recipes {
    requires static org.jspecify;
    requires tofu.engine;
    requires tofu.kit;

    exports tofu.fixtures to
            tofu.tests;
}
