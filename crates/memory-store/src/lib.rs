//! All store traits over plain maps: the reference back end
