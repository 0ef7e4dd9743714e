"""What CloudFormation makes of a SAM template, without an account: the transformation is the one that AWS runs."""

import pathlib

import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class ManagedPolicies:
    """Stands in for IAM, which would be asked for the names of AWS's own policies."""

    def load(self):
        return {
            name: f"arn:aws:iam::aws:policy/{path}{name}"
            for path, name in [
                ("service-role/", "AWSLambdaBasicExecutionRole"),
                ("service-role/", "AWSLambdaVPCAccessExecutionRole"),
                ("service-role/", "AWSLambdaRole"),
                ("", "AWSXrayWriteOnlyAccess"),
                ("", "AWSXRayDaemonWriteAccess"),
            ]
        }


def transformed(path: pathlib.Path) -> dict:
    """The template at `path` as CloudFormation would create it, with code that lies in a bucket."""
    template = yaml_parse(path.read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://code/" + resource["Metadata"]["BuildProperties"]["Binary"]
    return transform(template, {}, ManagedPolicies())
