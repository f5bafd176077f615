/// All that an application may name: the engine [tofu.api.Ampe], its channel groups, and the
/// message that is both the data and the API.
module tofu.api {
    requires static org.jspecify;

    exports tofu.api;
    exports tofu.spi;

    uses tofu.spi.AmpeProvider;
}
