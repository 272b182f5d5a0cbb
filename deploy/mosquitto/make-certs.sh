#!/bin/sh
# Makes the certificates of the broker's TLS listener with a certificate authority of our own.
#
#   make-certs.sh NAME…               server, and the authority if there is none; NAMEs are the
#                                     host names and IP addresses by which vehicles reach the broker
#   make-certs.sh --client SERIAL     a client certificate, its common name the user name
#
# Writes into CERTS_DIR [certs beside this script]; overwrites nothing. The authority's key (ca.key)
# signs and is not needed by the broker: move it off the machine.
#   CA_DAYS [3650]  SERVER_DAYS [825]  CLIENT_DAYS [825]
# To sign again (--client, or a new server certificate once the old one is moved away) ca.key must be
# at hand.
set -eu
umask 077

CERTS_DIR=${CERTS_DIR:-$(dirname "$0")/certs}
CA_DAYS=${CA_DAYS:-3650}
SERVER_DAYS=${SERVER_DAYS:-825}
CLIENT_DAYS=${CLIENT_DAYS:-825}

refuse() {
    echo "make-certs.sh: $1" >&2
    exit 1
}

usage() {
    sed -n '4,6s/^# \{0,3\}//p' "$0" >&2
    exit 2
}

must_not_exist() {
    for file in "$@"; do
        [ ! -e "$CERTS_DIR/$file" ] || refuse "$CERTS_DIR/$file exists and is not overwritten"
    done
}

# DNS:name for names, IP:address for addresses, comma separated.
alternative_names() {
    list=
    for name in "$@"; do
        case $name in
            *[!A-Za-z0-9.:*-]* | '') refuse "'$name' is neither a host name nor an address" ;;
            *:* | [0-9]*.[0-9]*.[0-9]*.[0-9]*) kind=IP ;;
            *) kind=DNS ;;
        esac
        list="$list${list:+,}$kind:$name"
    done
    echo "$list"
}

new_key() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$CERTS_DIR/$1.key"
}

# issue NAME SUBJECT DAYS EXTENSIONS: a certificate NAME.crt for NAME.key, signed by the authority.
issue() {
    request=$CERTS_DIR/$1.csr
    extensions=$CERTS_DIR/$1.ext
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'subjectKeyIdentifier=hash' \
        'authorityKeyIdentifier=keyid' "$4" >"$extensions"
    openssl req -new -sha256 -key "$CERTS_DIR/$1.key" -subj "$2" -out "$request"
    openssl x509 -req -sha256 -in "$request" -days "$3" -extfile "$extensions" \
        -CA "$CERTS_DIR/ca.crt" -CAkey "$CERTS_DIR/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
        -out "$CERTS_DIR/$1.crt" 2>/dev/null
    rm "$request" "$extensions"
    chmod 644 "$CERTS_DIR/$1.crt"
}

make_authority() {
    new_key ca
    openssl req -x509 -new -sha256 -key "$CERTS_DIR/ca.key" -days "$CA_DAYS" \
        -subj "/CN=Guanche broker authority" -out "$CERTS_DIR/ca.crt" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
        -addext "keyUsage=critical,keyCertSign,cRLSign"
    chmod 644 "$CERTS_DIR/ca.crt"
}

case ${1:-} in
    '' | -h | --help) usage ;;
    --client)
        [ $# -eq 2 ] || usage
        serial=$2
        case $serial in
            '' | -* | *[!A-Za-z0-9_-]*) refuse "'$serial' is no serial: letters, digits, _ and -" ;;
        esac
        # A device with one of these names could take over the session of a service.
        case $serial in
            ca | server | ingest | monitor | simulator) refuse "'$serial' is a reserved name" ;;
        esac
        [ ${#serial} -le 64 ] || refuse "a serial has at most 64 characters"
        [ -e "$CERTS_DIR/ca.key" ] || refuse "$CERTS_DIR/ca.key is needed to sign"
        must_not_exist "$serial.key" "$serial.crt"
        new_key "$serial"
        issue "$serial" "/CN=$serial" "$CLIENT_DAYS" \
            "$(printf '%s\n' 'keyUsage=critical,digitalSignature' 'extendedKeyUsage=clientAuth')"
        ;;
    -*) usage ;;
    *)
        names=$(alternative_names "$@")
        mkdir -p "$CERTS_DIR"
        must_not_exist server.key server.crt
        if [ ! -e "$CERTS_DIR/ca.key" ]; then
            must_not_exist ca.crt
            make_authority
        fi
        new_key server
        issue server "/CN=$1" "$SERVER_DAYS" \
            "$(printf '%s\n' 'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' \
                "subjectAltName=$names")"
        ;;
esac
