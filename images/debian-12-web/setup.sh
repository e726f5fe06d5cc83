# shellcheck shell=sh
# Runs inside of the tree of debian-12-web, after the packages are installed and rootfs/ is laid over them:
# what a file alone cannot say. The users, secrets and the first data of the shop are made here.

echo shop-web-01 >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 shop-web-01 shop.example.org\n' >/etc/hosts

# The application: its user, its key for session cookies, its data.
adduser --quiet --system --group --home /var/lib/webshop --no-create-home webshop
chmod 755 /opt/webshop/webshop.py
python3 -m compileall -q --invalidation-mode checked-hash /opt/webshop
install -d -o webshop -g webshop -m 750 /var/lib/webshop
openssl rand -hex 32 >/etc/webshop/session.key
chown root:webshop /etc/webshop/session.key
chmod 640 /etc/webshop/session.key
setpriv --reuid webshop --regid webshop --clear-groups /opt/webshop/webshop.py fill

# nginx: a certificate of its own, and the shop in place of the default page.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 3650 -subj /CN=shop.example.org \
    -addext subjectAltName=DNS:shop.example.org,DNS:localhost \
    -keyout /etc/ssl/private/webshop.key -out /etc/ssl/certs/webshop.crt 2>/dev/null
chmod 600 /etc/ssl/private/webshop.key
rm -f /etc/nginx/sites-enabled/default
ln -s ../sites-available/webshop /etc/nginx/sites-enabled/webshop

systemctl enable webshop.service nginx.service systemd-networkd.service
# A login by ssh starts its server, so that the boot need not.
systemctl disable ssh.service
systemctl enable ssh.socket
