/**
 * The confxml.xml that sersync 2.5.4 is shipped with, for tests.
 * @module
 */

/** The sample, put together from the table of the specification (chapter 6, 1.2), with remarks as people write them. */
export const SAMPLE_CONFXML: string = String.raw`<?xml version="1.0" encoding="ISO-8859-1"?>
<head version="2.5">
    <host hostip="localhost" port="8008"></host>
    <debug start="false"/>
    <fileSystem xfs="false"/>
    <filter start="false">
        <exclude expression="(.*)\.svn"></exclude>
        <exclude expression="(.*)\.gz"></exclude>
        <exclude expression="^info/*"></exclude>
        <exclude expression="^static/*"></exclude>
    </filter>
    <inotify>
        <delete start="true"/>
        <createFolder start="true"/>
        <createFile start="false"/>
        <closeWrite start="true"/>
        <moveFrom start="true"/>
        <moveTo start="true"/>
        <attrib start="false"/>
        <modify start="false"/>
    </inotify>

    <sersync>
        <localpath watch="/opt/tongbu">     ## 本地同步数据目录 & more
            <remote ip="127.0.0.1" name="tongbu1"/>   ## name of module, 1 < 2
            <!--<remote ip="192.168.8.39" name="tongbu"/>-->
            <!--<remote ip="192.168.8.40" name="tongbu"/>-->
        </localpath>
        <rsync>
            <commonParams params="-artuz"/>
            <auth start="false" users="root" passwordfile="/etc/rsync.pas"/>
            <userDefinedPort start="false" port="874"/><!-- port=874 -->
            <timeout start="false" time="100"/><!-- timeout=100 -->
            <ssh start="false"/>
        </rsync>
        <failLog path="/tmp/rsync_fail_log.sh" timeToExecute="60"/><!--default every 60mins execute once-->
        <crontab start="false" schedule="600"><!--600mins-->
            <crontabfilter start="false">
                <exclude expression="*.php"></exclude>
                <exclude expression="info/*"></exclude>
            </crontabfilter>
        </crontab>
        <plugin start="false" name="command"/>
    </sersync>

    <plugin name="command">
        <param prefix="/bin/sh" suffix="" ignoreError="true"/>  <!--prefix /opt/tongbu/mmm.sh suffix-->
        <filter start="false">
            <include expression="(.*)\.php"/>
            <include expression="(.*)\.sh"/>
        </filter>
    </plugin>

    <plugin name="socket">
        <localpath watch="/opt/tongbu">
            <deshost ip="192.168.138.20" port="8009"/>
        </localpath>
    </plugin>
    <plugin name="refreshCDN">
        <localpath watch="/data0/htdocs/cms.xoyo.com/site/">
            <cdninfo domainname="ccms.chinacache.com" port="80" username="xxxx" passwd="xxxx"/>
            <sendurl base="http://pic.xoyo.com/cms"/>
            <regexurl regex="false" match="cms.xoyo.com/site([/a-zA-Z0-9]*).xoyo.com/images"/>
        </localpath>
    </plugin>
</head>
`;

/** Everything switched on, two roots, several targets. */
export const FULL_CONFXML: string = String.raw`<?xml version="1.0" encoding="ISO-8859-1"?>
## 同步配置 for www & bbs
<head version="2.5">
    <host hostip="localhost" port="8008"></host>
    <debug start="true"/>
    <fileSystem xfs="true"/>
    <filter start="true">
        <exclude expression="(.*)\.svn"></exclude>   ## keep out
        <exclude expression="(broken"></exclude>
        <exclude expression="^info/*"></exclude>
    </filter>
    <inotify>
        <delete start="false"/>
        <createFolder start="true"/>
        <createFile start="true"/>
        <closeWrite start="true"/>
        <moveFrom start="true"/>
        <moveTo start="true"/>
        <attrib start="true"/>
        <modify start="true"/>
    </inotify>
    <sersync>
        <localpath watch="/data0/www/www/">
            <remote ip="192.168.1.58" name="www"/>
            <remote ip="192.168.1.59" name="www"/>
        </localpath>
        <localpath watch="/data0/www/bbs">
            <remote ip="192.168.1.58" name="bbs/copy"/>
        </localpath>
        <rsync>
            <commonParams params="-artHAXz --bwlimit=1000"/>
            <auth start="true" users="rsync_backup" passwordfile="/etc/rsync.pas"/>
            <userDefinedPort start="true" port="8730"/>
            <timeout start="true" time="100"/>
            <ssh start="false"/>
        </rsync>
        <failLog path="/var/tmp/fail.sh" timeToExecute="15"/>
        <crontab start="true" schedule="30">
            <crontabfilter start="true">
                <exclude expression="*.php"></exclude>
                <exclude expression="info/*"></exclude>
            </crontabfilter>
        </crontab>
        <plugin start="true" name="command"/>
        <plugin start="true" name="socket"/>
        <plugin start="true" name="refreshCDN"/>
        <plugin start="true" name="http"/>
    </sersync>
    <plugin name="command">
        <param prefix="/bin/sh /opt/it.sh" suffix=">/dev/null 2>&amp;1" ignoreError="true"/>
        <filter start="true">
            <include expression="(.*)\.php"/>
        </filter>
    </plugin>
    <plugin name="socket">
        <localpath watch="/opt/tongbu/">
            <deshost ip="192.168.138.20" port="8009"/>
        </localpath>
    </plugin>
    <plugin name="refreshCDN">
        <localpath watch="/data0/htdocs/cms.xoyo.com/site/">
            <cdninfo domainname="ccms.chinacache.com" port="80" username="u" passwd="p&amp;q"/>
            <sendurl base="http://pic.xoyo.com/cms"/>
            <regexurl regex="true" match="cms.xoyo.com/site([/a-zA-Z0-9]*).xoyo.com/images"/>
        </localpath>
    </plugin>
    <plugin name="http">
        <localpath watch="/opt/web">
            <deshost url="ci.example.com/changed" port="8080"/>
        </localpath>
    </plugin>
</head>
`;
