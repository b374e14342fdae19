// The tables of COLMAP 3.8, with the very text that its databases hold, and the marks of ours.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::exports {

inline constexpr char kColmapSchema[] =
    "CREATE TABLE cameras   (camera_id            INTEGER  PRIMARY KEY AUTOINCREMENT  NOT NULL,    "
    "model                INTEGER                             NOT NULL,    "
    "width                INTEGER                             NOT NULL,    "
    "height               INTEGER                             NOT NULL,    "
    "params               BLOB,    "
    "prior_focal_length   INTEGER                             NOT NULL);"
    "CREATE TABLE images   (image_id   INTEGER  PRIMARY KEY AUTOINCREMENT  NOT NULL,    "
    "name       TEXT                                NOT NULL UNIQUE,    "
    "camera_id  INTEGER                             NOT NULL,    prior_qw   REAL,    "
    "prior_qx   REAL,    prior_qy   REAL,    prior_qz   REAL,    prior_tx   REAL,    "
    "prior_ty   REAL,    prior_tz   REAL,"
    "CONSTRAINT image_id_check CHECK(image_id >= 0 and image_id < 2147483647),"
    "FOREIGN KEY(camera_id) REFERENCES cameras(camera_id));"
    "CREATE UNIQUE INDEX index_name ON images(name);"
    "CREATE TABLE keypoints   (image_id  INTEGER  PRIMARY KEY  NOT NULL,    "
    "rows      INTEGER               NOT NULL,    "
    "cols      INTEGER               NOT NULL,    data      BLOB,"
    "FOREIGN KEY(image_id) REFERENCES images(image_id) ON DELETE CASCADE);"
    "CREATE TABLE descriptors   (image_id  INTEGER  PRIMARY KEY  NOT NULL,    "
    "rows      INTEGER               NOT NULL,    "
    "cols      INTEGER               NOT NULL,    data      BLOB,"
    "FOREIGN KEY(image_id) REFERENCES images(image_id) ON DELETE CASCADE);"
    "CREATE TABLE matches   (pair_id  INTEGER  PRIMARY KEY  NOT NULL,    "
    "rows     INTEGER               NOT NULL,    cols     INTEGER               NOT NULL,    "
    "data     BLOB);"
    "CREATE TABLE two_view_geometries   (pair_id  INTEGER  PRIMARY KEY  NOT NULL,    "
    "rows     INTEGER               NOT NULL,    cols     INTEGER               NOT NULL,    "
    "data     BLOB,    config   INTEGER               NOT NULL,    F        BLOB,    "
    "E        BLOB,    H        BLOB,    qvec     BLOB,    tvec     BLOB);";

/// COLMAP's own mark, of the version (PRAGMA user_version); it does not look at application_id.
inline constexpr int kColmapVersion = 3800;
/// PRAGMA application_id of what we made: "BMCH".
inline constexpr int kApplicationId = 0x424d4348;

/// What an unfinished database holds besides: the ids of all images, of those that are still to
/// come too, and which pairs were added, from which side.
inline constexpr char kOwnTables[] =
    "CREATE TABLE bundle_match_images (image_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE bundle_match_pairs (reference_id INTEGER NOT NULL, image_id INTEGER NOT NULL,"
    " PRIMARY KEY(reference_id, image_id)) WITHOUT ROWID;";
inline constexpr char kDropOwnTables[] =
    "DROP TABLE bundle_match_images; DROP TABLE bundle_match_pairs;";

}  // namespace bundle_match::exports
