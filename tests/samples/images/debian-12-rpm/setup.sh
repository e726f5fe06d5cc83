# shellcheck shell=sh
# Runs inside of the tree of debian-12-rpm, after what debian-12-min does there: the shop comes in as an rpm.

# shellcheck source=/dev/null
. /root/min.sh
rpm -i /root/rpms/*.rpm
rm -r /root/rpms /root/min.sh
systemctl enable shop.service
