/**
 * Settings of the shell scheme, as people have them, for tests.
 * @module
 */

/** The top of inotify.sh. */
export const INOTIFY_SH: string = `#!/bin/bash
#被监控的目录 [模块]=目录
declare -A rsync_module_name
rsync_module_name=([file]='/file' [code]='/code')   # two of them
declare -A exclude_file_rule
exclude_file_rule=([file]='tmp|.log')
sersync_dir=/usr/local/bin/sersync.sh
lockfile_dir=/tmp/inotify-lock
[[ ! -d \${lockfile_dir} ]] && mkdir -p \${lockfile_dir}
now=$(date +%s)
inotify_fun(){
  des_ip=(not this one)
  inotifywait -mrq -e create,delete,attrib,close_write,move "$1"
}
`;

/** The top of sersync.sh. */
export const SERSYNC_SH: string = `#!/bin/bash
rsync_passwd_file=/etc/rsync.pas
user=rsync_user
des_ip=(192.168.1.58
        192.168.1.59 # the other
)
`;

/** What followed them: one file of settings. */
export const SERSYNC_CONF: string = `#工作目录
work_dir=/usr/local/sersync
logs_dir=\${work_dir}/logs
listen_dir=('file-backup=/data/file' 'db-backup=/data/db' '/data/img')
exclude_file_rule=('/data/file=logs|tmp' '/data/img=.gif')
full_rsync_first_enable=1
real_time_sync_enable=1
real_time_sync_delay=60
full_rsync_enable=1
full_rsync_interval=3
full_rsync_timeout=12
exec_command_enable=1
exec_command_list=('/data/db=/opt/dump.sh')
rsyncd_mod=('backup1=/data/file,/data/db' 'backup2=/data/img')
rsyncd_ip=('backup1=127.0.0.1' 'backup2=127.0.0.1:874,192.168.0.163')
rsync_user=rsync
rsync_passwd_file=/etc/rsync.passwd
rsync_timeout=180
rsync_bwlimit=50M
extra_rsync_args="-v --partial --append-verify --ignore-missing-args"
keep_history_backup_days=7
`;
