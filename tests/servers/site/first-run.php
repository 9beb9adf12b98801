<?php
// first-run.php SITE: fills the empty database and prints a user name and its application password.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('SITE_URL'), PHP_URL_HOST);
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
$made = wp_install('Kodin blogi', 'kirjoittaja', 'kirjoittaja@blogi.example', true, '', wp_generate_password());
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
update_option('permalink_structure', '/%postname%/');
flush_rewrite_rules();
[$password] = WP_Application_Passwords::create_new_application_password($made['user_id'], ['name' => 'tests']);
echo 'kirjoittaja ', $password, PHP_EOL;
