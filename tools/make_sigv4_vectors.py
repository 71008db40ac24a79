#!/usr/bin/env python3
"""Writes test/data/sigv4_botocore.json: requests signed by the real botocore.

Needs boto3 (made with 1.43.11). The requests are captured just before they would be sent, without
using the network. Run: python3 tools/make_sigv4_vectors.py > test/data/sigv4_botocore.json
"""
import base64
import datetime
import json
import urllib.parse

import boto3
import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

TIME = datetime.datetime(2026, 11, 22, 1, 2, 3, tzinfo=datetime.timezone.utc)
ACCESS, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ENDPOINT = "http://127.0.0.1:9200"


def freeze_time():
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: TIME.replace(tzinfo=None) if remove_tzinfo else TIME


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def vector(name, request, service, region, token=""):
    parts = urllib.parse.urlsplit(request.url)
    headers = [[text(k), text(v)] for k, v in request.headers.items()]
    if not any(k.lower() == "host" for k, _ in headers):
        headers.append(["Host", parts.netloc])
    # Only the signed headers: the others (User-Agent, attempt numbers) differ by machine and run.
    authorization = next(v for k, v in headers if k.lower() == "authorization")
    signed = authorization.split("SignedHeaders=")[1].split(",")[0].split(";") + ["authorization"]
    headers = [[k, v] for k, v in headers if k.lower() in signed]
    body = request.body or b""
    if hasattr(body, "read"):
        body.seek(0)
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    return {
        "name": name, "service": service, "region": region, "method": request.method, "path": parts.path,
        "query": parts.query, "headers": headers, "body": base64.b64encode(body).decode(), "token": token,
    }


def captured(name, service, region, call, token=None, signing=None):
    """The request that `call(client)` would send."""
    session = boto3.session.Session(
        aws_access_key_id=ACCESS, aws_secret_access_key=SECRET, aws_session_token=token, region_name=region)
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1},
                    request_checksum_calculation="when_required")
    client = session.client(service, endpoint_url=ENDPOINT, config=config)
    seen = []

    def keep(request, **_):
        seen.append(request)
        return AWSResponse(request.url, 500, {}, None)

    client.meta.events.register("before-send", keep)
    try:
        call(client)
    except Exception:  # botocore cannot parse the empty answer; only the request matters
        pass
    return vector(name, seen[0], signing or client.meta.service_model.signing_name, region, token or "")


def opensearch(name, method, url, body=None, service="es", headers=None):
    """As opensearch-py's AWSV4SignerAuth does it: botocore signs the URL unchanged."""
    request = AWSRequest(method=method, url=ENDPOINT + url, data=body, headers=headers or {})
    request.headers["Host"] = urllib.parse.urlsplit(ENDPOINT).netloc
    botocore.auth.SigV4Auth(Credentials(ACCESS, SECRET), service, "ap-northeast-2").add_auth(request)
    return vector(name, request.prepare(), service, "ap-northeast-2")


def main():
    freeze_time()
    arn = "arn:aws:personalize:ap-northeast-2:123456789012:"
    model = "anthropic.claude-3-sonnet-20240229-v1:0"
    json_type = {"Content-Type": "application/json"}
    rows = [
        captured("personalize control plane", "personalize", "us-east-1",
                 lambda c: c.create_dataset_group(name="shop")),
        captured("personalize with a session token", "personalize", "eu-west-1",
                 lambda c: c.list_recipes(), token="FwoGZXIvYXdzEBYaDHRva2Vu/+=="),
        captured("recommendations", "personalize-runtime", "ap-northeast-2",
                 lambda c: c.get_recommendations(campaignArn=arn + "campaign/my-campaign", userId="user_42", numResults=5)),
        captured("events, Korean", "personalize-events", "ap-northeast-2",
                 lambda c: c.put_events(trackingId="YOUR_TRACKING_ID", userId="사용자", sessionId="s",
                                        eventList=[{"sentAt": 1700000000, "eventType": "View", "itemId": "의자 1"}])),
        captured("bedrock model id", "bedrock-runtime", "us-east-1",
                 lambda c: c.invoke_model(modelId=model, body=json.dumps({"messages": []}))),
        captured("bedrock model arn", "bedrock-runtime", "us-west-2",
                 lambda c: c.invoke_model(modelId="arn:aws:bedrock:us-west-2::foundation-model/" + model, body="{}")),
        captured("s3 put", "s3", "us-east-1",
                 lambda c: c.put_object(Bucket="shop", Key="a b/가격+1%.csv", Body=b"USER_ID\n1\n")),
        captured("s3 get", "s3", "us-east-1", lambda c: c.get_object(Bucket="shop", Key="items.csv")),
        captured("s3 list", "s3", "us-east-1",
                 lambda c: c.list_objects_v2(Bucket="shop", Prefix="data/x y", Delimiter="/", MaxKeys=10)),
        captured("s3 multipart start", "s3", "us-east-1",
                 lambda c: c.create_multipart_upload(Bucket="shop", Key="big.csv")),
        captured("s3 part", "s3", "us-east-1",
                 lambda c: c.upload_part(Bucket="shop", Key="big.csv", PartNumber=2, UploadId="u~1/2=", Body=b"x" * 1000)),
        opensearch("es search", "POST", "/products/_search", '{"query":{"match_all":{}}}', headers=json_type),
        opensearch("es query with plus", "GET", "/products/_search?q=camping+chair&size=3&allow_no_indices"),
        opensearch("es query encoded", "GET", "/products/_search?filter_path=hits.hits._id%2Cerror&q=%EC%9D%98%EC%9E%90%20a"),
        opensearch("es many parameters", "POST",
                   "/products/_search?search_pipeline=p&ext.personalize.user_id=user_42&a=2&a=1&a1=0", "{}", headers=json_type),
        opensearch("es id with slash and space", "PUT", "/products/_doc/1%20%2Fx", '{"title":"의자"}'.encode(),
                   headers=json_type),
        opensearch("es comma and star", "GET", "/a,b*/_count"),
        opensearch("aoss", "GET", "/products/_doc/1", service="aoss"),
    ]
    print(json.dumps({
        "made_with": "botocore " + botocore.__version__, "time": int(TIME.timestamp() * 1000),
        "access_key": ACCESS, "secret_key": SECRET, "requests": rows,
    }, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
