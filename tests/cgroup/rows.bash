# SPDX-License-Identifier: Apache-2.0
# A case for each row of src/cgroup/limits/resources.c: set at create, read back, updated, read back.
# shellcheck shell=bash disable=SC2154

# field | controller | at create | v1 | v2 | at update | v1 | v2 | may lack
#   v1, v2: FILE=LINE, other files that may be there instead after a semicolon; LINE stands in the file afterwards.
#     set: nothing can be read back; none: the hierarchy has nothing like it, which is an error that names the field
#   may lack: the kernel may be built without the file, or the scheduler or device for it be missing
# DISK is the number of a block device.
rows()
{
    sed 's/ *| */|/g' <<'ROWS'
cpu.cpus | cpuset | {"cpu":{"cpus":"0"}} | cpuset.cpus=0 | cpuset.cpus=0 | {"cpu":{"cpus":"0-1"}} | cpuset.cpus=0-1 | cpuset.cpus=0-1 |
cpu.mems | cpuset | {"cpu":{"mems":"0"}} | cpuset.mems=0 | cpuset.mems=0 | {"cpu":{"mems":"0"}} | cpuset.mems=0 | cpuset.mems=0 |
memory.limit | memory | {"memory":{"limit":67108864}} | memory.limit_in_bytes=67108864 | memory.max=67108864 | {"memory":{"limit":134217728}} | memory.limit_in_bytes=134217728 | memory.max=134217728 |
memory.swap | memory | {"memory":{"limit":67108864,"swap":100663296}} | memory.memsw.limit_in_bytes=100663296 | memory.swap.max=33554432 | {"memory":{"limit":134217728,"swap":268435456}} | memory.memsw.limit_in_bytes=268435456 | memory.swap.max=134217728 | file
memory.reservation | memory | {"memory":{"reservation":33554432}} | memory.soft_limit_in_bytes=33554432 | memory.low=33554432 | {"memory":{"reservation":67108864}} | memory.soft_limit_in_bytes=67108864 | memory.low=67108864 |
memory.kernel | memory | {"memory":{"kernel":67108864}} | set | none | {"memory":{"kernel":134217728}} | set | none |
memory.kernelTCP | memory | {"memory":{"kernelTCP":67108864}} | memory.kmem.tcp.limit_in_bytes=67108864 | none | {"memory":{"kernelTCP":134217728}} | memory.kmem.tcp.limit_in_bytes=134217728 | none |
memory.swappiness | memory | {"memory":{"swappiness":0}} | memory.swappiness=0 | none | {"memory":{"swappiness":10}} | memory.swappiness=10 | none |
memory.disableOOMKiller | memory | {"memory":{"disableOOMKiller":true}} | memory.oom_control=oom_kill_disable 1 | none | {"memory":{"disableOOMKiller":false}} | memory.oom_control=oom_kill_disable 0 | set |
memory.useHierarchy | memory | {"memory":{"useHierarchy":true}} | memory.use_hierarchy=1 | set | {"memory":{"useHierarchy":true}} | memory.use_hierarchy=1 | set |
memory.checkBeforeUpdate | memory | {"memory":{"checkBeforeUpdate":true,"limit":67108864}} | memory.limit_in_bytes=67108864 | memory.max=67108864 | {"memory":{"checkBeforeUpdate":true,"limit":134217728}} | memory.limit_in_bytes=134217728 | memory.max=134217728 |
pids.limit | pids | {"pids":{"limit":20}} | pids.max=20 | pids.max=20 | {"pids":{"limit":-1}} | pids.max=max | pids.max=max |
cpu.shares | cpu | {"cpu":{"shares":2}} | cpu.shares=2 | cpu.weight=1 | {"cpu":{"shares":1024}} | cpu.shares=1024 | cpu.weight=100 |
cpu.period | cpu | {"cpu":{"period":50000}} | cpu.cfs_period_us=50000 | cpu.max=max 50000 | {"cpu":{"period":200000}} | cpu.cfs_period_us=200000 | cpu.max=max 200000 |
cpu.quota | cpu | {"cpu":{"quota":30000,"period":50000}} | cpu.cfs_quota_us=30000 | cpu.max=30000 50000 | {"cpu":{"quota":20000}} | cpu.cfs_quota_us=20000 | cpu.max=20000 50000 |
cpu.burst | cpu | {"cpu":{"quota":30000,"burst":10000}} | cpu.cfs_burst_us=10000 | cpu.max.burst=10000 | {"cpu":{"burst":0}} | cpu.cfs_burst_us=0 | cpu.max.burst=0 | file
cpu.realtimePeriod | cpu | {"cpu":{"realtimePeriod":500000}} | cpu.rt_period_us=500000 | none | {"cpu":{"realtimePeriod":900000}} | cpu.rt_period_us=900000 | none | file
cpu.realtimeRuntime | cpu | {"cpu":{"realtimeRuntime":1000}} | cpu.rt_runtime_us=1000 | none | {"cpu":{"realtimeRuntime":500}} | cpu.rt_runtime_us=500 | none | file
cpu.idle | cpu | {"cpu":{"idle":1}} | cpu.idle=1 | cpu.idle=1 | {"cpu":{"idle":0,"shares":512}} | cpu.idle=0 | cpu.idle=0 | file
blockIO.weight | blkio | {"blockIO":{"weight":10}} | blkio.weight=10;blkio.bfq.weight=10 | io.bfq.weight=10;io.bfq.weight=default 10;io.weight=default 1 | {"blockIO":{"weight":1000}} | blkio.weight=1000;blkio.bfq.weight=1000 | io.bfq.weight=1000;io.bfq.weight=default 1000;io.weight=default 10000 | file
blockIO.leafWeight | blkio | {"blockIO":{"leafWeight":300}} | blkio.leaf_weight=300 | none | {"blockIO":{"leafWeight":400}} | blkio.leaf_weight=400 | none | file
blockIO.weightDevice | blkio | {"blockIO":{"weightDevice":[DISK,"weight":300}]}} | blkio.weight_device=KEY 300;blkio.bfq.weight_device=KEY 300 | io.bfq.weight=KEY 300;io.weight=KEY 2930 | {"blockIO":{"weightDevice":[DISK,"weight":500}]}} | blkio.weight_device=KEY 500;blkio.bfq.weight_device=KEY 500 | io.bfq.weight=KEY 500;io.weight=KEY 4950 | file
blockIO.throttleReadBpsDevice | blkio | {"blockIO":{"throttleReadBpsDevice":[DISK,"rate":1048576}]}} | blkio.throttle.read_bps_device=KEY 1048576 | io.max=KEY rbps=1048576 wbps=max riops=max wiops=max | {"blockIO":{"throttleReadBpsDevice":[DISK,"rate":2097152}]}} | blkio.throttle.read_bps_device=KEY 2097152 | io.max=KEY rbps=2097152 wbps=max riops=max wiops=max |
blockIO.throttleWriteBpsDevice | blkio | {"blockIO":{"throttleWriteBpsDevice":[DISK,"rate":1048576}]}} | blkio.throttle.write_bps_device=KEY 1048576 | io.max=KEY rbps=max wbps=1048576 riops=max wiops=max | {"blockIO":{"throttleWriteBpsDevice":[DISK,"rate":2097152}]}} | blkio.throttle.write_bps_device=KEY 2097152 | io.max=KEY rbps=max wbps=2097152 riops=max wiops=max |
blockIO.throttleReadIOPSDevice | blkio | {"blockIO":{"throttleReadIOPSDevice":[DISK,"rate":100}]}} | blkio.throttle.read_iops_device=KEY 100 | io.max=KEY rbps=max wbps=max riops=100 wiops=max | {"blockIO":{"throttleReadIOPSDevice":[DISK,"rate":200}]}} | blkio.throttle.read_iops_device=KEY 200 | io.max=KEY rbps=max wbps=max riops=200 wiops=max |
blockIO.throttleWriteIOPSDevice | blkio | {"blockIO":{"throttleWriteIOPSDevice":[DISK,"rate":100}]}} | blkio.throttle.write_iops_device=KEY 100 | io.max=KEY rbps=max wbps=max riops=max wiops=100 | {"blockIO":{"throttleWriteIOPSDevice":[DISK,"rate":200}]}} | blkio.throttle.write_iops_device=KEY 200 | io.max=KEY rbps=max wbps=max riops=max wiops=200 |
hugepageLimits | hugetlb | {"hugepageLimits":[{"pageSize":"2MB","limit":4194304}]} | hugetlb.2MB.limit_in_bytes=4194304 | hugetlb.2MB.max=4194304 | {"hugepageLimits":[{"pageSize":"2MB","limit":8388608}]} | hugetlb.2MB.rsvd.limit_in_bytes=8388608 | hugetlb.2MB.rsvd.max=8388608 |
network.classID | net_cls | {"network":{"classID":1048577}} | net_cls.classid=1048577 | none | {"network":{"classID":1048578}} | net_cls.classid=1048578 | none |
network.priorities | net_prio | {"network":{"priorities":[{"name":"lo","priority":3}]}} | net_prio.ifpriomap=lo 3 | none | {"network":{"priorities":[{"name":"lo","priority":4}]}} | net_prio.ifpriomap=lo 4 | none |
rdma | rdma | {"rdma":{"mlx5_1":{"hcaHandles":3}}} | rdma.max=mlx5_1 hca_handle=3 hca_object=max | rdma.max=mlx5_1 hca_handle=3 hca_object=max | {"rdma":{"mlx5_1":{"hcaObjects":9}}} | rdma.max=mlx5_1 hca_handle=3 hca_object=9 | rdma.max=mlx5_1 hca_handle=3 hca_object=9 | file
unified | hugetlb | {"unified":{"hugetlb.2MB.max":"4194304"}} | none | hugetlb.2MB.max=4194304 | {"unified":{"hugetlb.2MB.max":"max"}} | none | hugetlb.2MB.max=max |
devices | devices | {"devices":[{"allow":false},{"allow":true,"type":"c","major":10,"minor":200,"access":"r"}]} | devices.list=c 10:200 r | set | {"devices":[{"allow":false},{"allow":true,"type":"c","major":10,"minor":201,"access":"rw"}]} | devices.list=c 10:201 rw | set |
ROWS
}

# Which hierarchy has the controller: v1, v2 or none.
version_of()
{
    local name=$1 root

    [ "$name" != devices ] || ! host_is_cgroup2 || name=cgroup
    if ! host_is_cgroup2 && [ -e "/sys/fs/cgroup/$1/cgroup.procs" ]; then
        echo v1
        return
    fi
    root=/sys/fs/cgroup
    host_is_cgroup2 || root=/sys/fs/cgroup/unified
    [ "$name" != blkio ] || name=io
    if [ "$name" = cgroup ] || grep -qsw "$name" "$root/cgroup.controllers"; then
        echo v2
    else
        echo none
    fi
}

# The number of a block device that nobody needs, in $disk.
find_disk()
{
    local name

    for name in loop7 nullb0 ram0 vda sda; do
        [ ! -e "/sys/block/$name/dev" ] || { read -r disk <"/sys/block/$name/dev"; return; }
    done
}

# fill_in VARIABLE...: DISK and KEY in each are that device.
fill_in()
{
    local disk="" name

    find_disk
    for name in "$@"; do
        local -n text=$name
        text=${text//DISK/"{\"major\":${disk%:*},\"minor\":${disk#*:}"}
        text=${text//KEY/$disk}
    done
}

# holds FILE=LINE[;FILE=LINE...]: one of the files is there, and holds its line.
holds()
{
    local choice choices folder folders words found=

    [ "$1" != set ] || return 0
    IFS=";" read -ra choices <<<"$1"
    # Cgroups of others vanish while it looks.
    folders=$(find /sys/fs/cgroup -type d -name "*$CONTAINER*" 2>/dev/null) || true
    for choice in "${choices[@]}"; do
        for folder in $folders; do
            [ -e "$folder/${choice%%=*}" ] || continue
            # lines of net_prio, bfq and oom_control differ in blanks
            while read -ra words; do
                [ "${words[*]}" != "${choice#*=}" ] || return 0
                found+="$folder/${choice%%=*}: ${words[*]}"$'\n'
            done <"$folder/${choice%%=*}"
        done
    done
    output=$found fail "no file holds $1"
}

# An error for this row: names the field, and the test's end proves that nothing is left.
expect_row_error()
{
    local field=$1

    [ "$status" -ne 0 ] || fail "$field: an error was expected"
    [[ $output == *"$field"* ]] || fail "the error does not name $field"
}

# row FIELD
row()
{
    local field controller create v1 v2 change after1 after2 lack version before after

    while IFS="|" read -r field controller create v1 v2 change after1 after2 lack; do
        [ "$field" != "$1" ] || break
    done < <(rows)
    [ "$field" = "$1" ] || fail "no case for $1"
    version=$(version_of "$controller")
    before=$v2 after=$after2
    [ "$version" != v1 ] || before=$v1 after=$after1
    [ "$version" != none ] || before=none
    fill_in create change before after

    # shellcheck disable=SC2016
    edit_config '.linux.resources *= $limits' --argjson limits "$create"
    set_args /bin/sleep 1000
    create_container
    if [ "$before" = none ]; then
        # Whichever limit of the case comes first is named.
        [ "$version" != none ] || field=${field%%.*}
        expect_row_error "linux.resources.$field"
        expect_match "no [a-z_]+ controller|no counterpart in cgroup v2|needs cgroup v2"
        return 0
    fi
    if [ "$status" -ne 0 ] && [ -n "$lack" ]; then
        expect_row_error "linux.resources.$field"
        expect_match "No such (file|device)|Operation not supported|Invalid argument"
        echo "# $field: the kernel has no ${before//=*/}" >&3
        return 0
    fi
    expect_ok
    holds "$before"
    run zind update --resources - "$CONTAINER" <<<"$change"
    if [ "$after" = none ]; then
        expect_row_error "$field"
        return 0
    fi
    expect_ok
    holds "$after"
    # shellcheck disable=SC2016
    jq -e --argjson change "$change" '.linux.resources | contains($change)' \
        "$ZIND_ROOT/$CONTAINER/config.json" >/dev/null || fail "the saved config.json has not changed"
}
